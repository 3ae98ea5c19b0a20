//! The log on CQL: [`crate::sequencer`] decides, [`actor`] writes, everybody reads.

mod actor;
pub(crate) mod after;
mod index;
mod pages;
pub(crate) mod rows;
mod sequencers;
mod state;
pub(crate) mod transfer;

use std::sync::Arc;

use async_trait::async_trait;
use petit_domain::{ChatId, Edition, Head, Message, Timestamp, UserId};
use petit_ports::{
    Appended, ChangeRecord, CommitObserver, Edited, LogStore, NewChange, NewMessage, PageAt, StoreError,
};

pub(crate) use sequencers::Sequencers;
pub(crate) use state::{Buckets, LogState, open, state};

use crate::{
    sequencer::{Verdict, Wish, Written},
    statement::Cql,
    store::ScyllaStore,
};
use sequencers::Outcome;

/// Messages in one part of a log.
const BUCKET: i64 = 4096;

static PROBE: Cql = Cql::write("UPDATE probes SET at = ? WHERE space = ?");

#[async_trait]
impl LogStore for ScyllaStore {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        self.news.tell(observer);
    }

    async fn append(&self, chat: ChatId, message: NewMessage) -> Result<Appended, StoreError> {
        Ok(match self.sequencers.ask(chat, Wish::Append(message)).await? {
            Outcome::Written(written) => match *written {
                Written::Message(message, _) => Appended::New(message),
                other => return Err(odd(&other)),
            },
            Outcome::Verdict(Verdict::Repeated(seq)) => {
                let message = pages::one(&self.engine, chat, seq).await?;
                Appended::Repeated(message.ok_or(StoreError::Unavailable(None))?)
            }
            Outcome::Verdict(Verdict::NoSuchReply) => Appended::NoSuchReply,
            Outcome::NoSuchChat => Appended::NoSuchChat,
            other => return Err(odd(&other)),
        })
    }

    async fn append_change(
        &self,
        chat: ChatId,
        change: NewChange,
    ) -> Result<Option<ChangeRecord>, StoreError> {
        match self.sequencers.ask(chat, Wish::Change(change)).await? {
            Outcome::Written(written) => match *written {
                Written::Change(record) => Ok(Some(record)),
                other => Err(odd(&other)),
            },
            Outcome::NoSuchChat => Ok(None),
            other => Err(odd(&other)),
        }
    }

    async fn edit(
        &self,
        chat: ChatId,
        seq: i64,
        text: &str,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        let wish = Wish::Edit { seq, text: text.to_owned(), actor, at };
        edited(self.sequencers.ask(chat, wish).await?)
    }

    async fn delete(
        &self,
        chat: ChatId,
        seq: i64,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        let outcome = edited(self.sequencers.ask(chat, Wish::Delete { seq, actor, at }).await?)?;
        if let Edited::AlreadySo(_) = outcome {
            // Who deleted it may have died before its history was gone.
            after::forget_history(&self.engine, chat, seq).await?;
        }
        Ok(outcome)
    }

    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        Ok(state(&self.engine, chat).await?.map(|log| log.head))
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        pages::one(&self.engine, chat, seq).await
    }

    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError> {
        pages::page(&self.engine, chat, at, limit).await
    }

    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        pages::changes_after(&self.engine, chat, cseq, limit).await
    }

    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError> {
        pages::history(&self.engine, chat, seq, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let values = (self.clock.now().micros(), self.engine.space);
        self.engine.run(&PROBE, values).await.map(drop)
    }
}

fn edited(outcome: Outcome) -> Result<Edited, StoreError> {
    Ok(match outcome {
        Outcome::Written(written) => match *written {
            Written::Revision { now, .. } => Edited::Done(now),
            other => return Err(odd(&other)),
        },
        Outcome::Verdict(Verdict::AlreadySo(message)) => Edited::AlreadySo(message),
        Outcome::Verdict(Verdict::Deleted) => Edited::Deleted,
        Outcome::Verdict(Verdict::NoSuchMessage) | Outcome::NoSuchChat => Edited::NoSuchMessage,
        other => return Err(odd(&other)),
    })
}

fn odd(outcome: &impl std::fmt::Debug) -> StoreError {
    StoreError::Inconsistent(format!("a sequencer answered {outcome:?}"))
}
