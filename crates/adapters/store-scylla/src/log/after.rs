//! What follows from entries once they are durable. All of it may be done again.

use std::collections::HashMap;

use futures_util::future::{join_all, try_join_all};
use parking_lot::Mutex;
use petit_domain::{ChatId, UserId};
use petit_ports::{OldText, StoreError};

use super::index;
use crate::{
    engine::{Bound, Engine},
    read_markers::raised,
    sequencer::{Entry, Written},
    statement::Cql,
};

static PUT_ASIDE: Cql =
    Cql::write("INSERT INTO editions (chat_id, seq, cseq, body, replaced_at) VALUES (?, ?, ?, ?, ?)");
static FORGET: Cql = Cql::write("DELETE FROM editions WHERE chat_id = ? AND seq = ?");

const TRIES: u32 = 3;

/// Which plans' messages were put into the index, or could not be: the first number of each.
#[derive(Default)]
pub(super) struct Indexed(Mutex<Vec<(i64, bool)>>);

impl Indexed {
    pub(super) fn take(&self) -> Vec<(i64, bool)> {
        std::mem::take(&mut self.0.lock())
    }

    fn put(&self, first: i64, is_written: bool) {
        self.0.lock().push((first, is_written));
    }
}

/// Writes the index, the senders' own read markers, and forgets what was deleted.
pub(super) async fn record(engine: &Engine, chat: ChatId, entries: &[Entry], indexed: &Indexed) {
    let messages: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.written {
            Written::Message(message, _) => Some((message.author, message.client_id.clone(), message.seq)),
            Written::Revision { .. } | Written::Change(_) => None,
        })
        .collect();
    let markers: HashMap<UserId, i64> = messages.iter().map(|(author, _, seq)| (*author, *seq)).collect();
    let deleted = entries.iter().filter_map(|entry| match &entry.written {
        Written::Revision { now, .. } if now.deleted => Some(now.seq),
        _ => None,
    });
    let rows = || {
        let mut rows = index::rows(chat, &messages);
        rows.extend(markers.iter().map(|(author, seq)| raised(chat, *author, *seq)));
        rows
    };
    let (is_written, forgotten) = tokio::join!(
        write_surely(engine, rows),
        join_all(deleted.map(|seq| forget_history(engine, chat, seq))),
    );
    if let Some((.., first)) = messages.first() {
        indexed.put(*first, is_written);
    }
    if let Some(Err(error)) = forgotten.into_iter().find(Result::is_err) {
        tracing::warn!(%error, chat.id = %chat, "could not forget the texts of deleted messages of chat {chat}");
    }
}

async fn write_surely(engine: &Engine, rows: impl Fn() -> Vec<Bound>) -> bool {
    for _ in 0..TRIES {
        match engine.write_all(rows()).await {
            Ok(()) => return true,
            Err(error) => tracing::warn!(%error, "could not record what follows from entries of a chat"),
        }
    }
    false
}

/// Puts aside the texts that a plan replaces, before it is sent: should it come to nothing, they are not
/// shown, because they are not older than their message.
pub(super) async fn put_aside(engine: &Engine, chat: ChatId, entries: &[Entry]) -> Result<(), StoreError> {
    let writes = entries.iter().filter_map(|entry| match &entry.written {
        Written::Revision { before, now, change, .. } if !now.deleted => {
            let values = (chat.uuid(), before.seq, before.cseq, before.text.clone(), change.at.micros());
            Some(engine.run(&PUT_ASIDE, values))
        }
        _ => None,
    });
    try_join_all(writes).await.map(drop)
}

/// Puts an earlier text where a message's history looks for it: under the change that had made it.
pub(crate) async fn put_old_text(
    engine: &Engine,
    chat: ChatId,
    old: &OldText,
    made_by: i64,
) -> Result<(), StoreError> {
    let values = (chat.uuid(), old.seq, made_by, old.text.as_str(), old.replaced_at.micros());
    engine.run(&PUT_ASIDE, values).await.map(drop)
}

pub(super) async fn forget_history(engine: &Engine, chat: ChatId, seq: i64) -> Result<(), StoreError> {
    engine.run(&FORGET, (chat.uuid(), seq)).await.map(drop)
}
