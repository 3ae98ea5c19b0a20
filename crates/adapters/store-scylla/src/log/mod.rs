//! The log on CQL: [`crate::sequencer`] decides, [`actor`] writes, everybody reads.

mod actor;
pub(crate) mod after;
mod index;
pub(crate) mod pages;
mod revised;
pub(crate) mod rows;
pub(crate) mod sequencers;
mod shared;
pub(crate) mod state;
pub(crate) mod transfer;

use std::sync::Arc;

use async_trait::async_trait;
use petit_domain::{ChatId, Edition, Head, Message};
use petit_ports::{
    ChangeRecord, CommitObserver, LogReader, LogWriter, PageAt, Revision, StoreError, Wish, Written,
};

use crate::{statement::Cql, store::ScyllaStore};
use shared::Outcome;

/// Messages in one part of a log.
const BUCKET: i64 = 4096;

static PROBE: Cql = Cql::write("UPDATE probes SET at = ? WHERE space = ?");

#[async_trait]
impl LogWriter for ScyllaStore {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        self.news.tell(observer);
    }

    async fn write(&self, chat: ChatId, wish: Wish) -> Result<Written, StoreError> {
        let deleted = match &wish {
            Wish::Revise { seq, revision: Revision::Delete, .. } => Some(*seq),
            _ => None,
        };
        let written = match self.sequencers.ask(chat, wish).await? {
            Outcome::Written(written) => *written,
            Outcome::Repeated(seq) => {
                let message = pages::one(&self.engine, chat, seq).await?;
                Written::Repeated(message.ok_or(StoreError::Unavailable(None))?)
            }
        };
        if let (Written::AlreadySo(_), Some(seq)) = (&written, deleted) {
            // Who deleted it may have died before its history was gone.
            after::forget_history(&self.engine, chat, seq).await?;
        }
        Ok(written)
    }
}

#[async_trait]
impl LogReader for ScyllaStore {
    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        Ok(state::state(&self.engine, chat).await?.map(|log| log.head))
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        pages::one(&self.engine, chat, seq).await
    }

    async fn get_many(&self, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError> {
        pages::many(&self.engine, chat, seqs).await
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
