//! What follows from entries once they are durable. All of it may be done again.

use futures_util::future::{join_all, try_join_all};
use petit_domain::ChatId;
use petit_ports::{ChangeKind, OldText, StoreError};
use tokio::time::Instant;

use crate::{
    engine::Engine,
    memory::{Newest, Read},
    raised::raised,
    sequencer::{Entry, Step},
    statement::Cql,
};

static PUT_ASIDE: Cql =
    Cql::write("INSERT INTO editions (chat_id, seq, cseq, body, replaced_at) VALUES (?, ?, ?, ?, ?)");
static FORGET: Cql = Cql::write("DELETE FROM editions WHERE chat_id = ? AND seq = ?");

/// What somebody who is answered may rely on.
pub(super) struct Consequences {
    markers: Newest,
    deleted: Vec<i64>,
}

impl Consequences {
    /// What follows from entries and has to be written at once. Markers that are not due yet are noted.
    pub(super) fn of(engine: &Engine, chat: ChatId, entries: &[Entry]) -> Self {
        let mut consequences = Self { markers: Newest::new(), deleted: Vec::new() };
        for entry in entries {
            match &entry.step {
                Step::Message(message, _) if entry.marks_read => {
                    let read = Read { seq: message.seq, uncounted: message.uncounted() };
                    consequences.markers.insert(message.author, read);
                }
                Step::Revision { now, .. } if now.deleted => consequences.deleted.push(now.seq),
                Step::Message(..) | Step::Revision { .. } | Step::Change(_) => {}
            }
        }
        consequences.markers = engine.senders.sent(chat, consequences.markers, Instant::now());
        consequences
    }

    pub(super) fn is_empty(&self) -> bool {
        self.markers.is_empty() && self.deleted.is_empty()
    }

    /// Writes the senders' own read markers, and forgets what was deleted.
    pub(super) async fn write(&self, engine: &Engine, chat: ChatId) {
        let forgotten = join_all(self.deleted.iter().map(|seq| forget_history(engine, chat, *seq)));
        let (marked, forgotten) = tokio::join!(mark(engine, chat, &self.markers), forgotten);
        if let Err(error) = marked {
            tracing::warn!(%error, chat.id = %chat, "the senders' own markers in chat {chat} wait");
        }
        if let Some(Err(error)) = forgotten.into_iter().find(Result::is_err) {
            tracing::warn!(%error, chat.id = %chat, "could not forget the texts of deleted messages of chat {chat}");
        }
    }
}

/// Writes senders' own markers. What cannot be written goes on waiting.
pub(super) async fn mark(engine: &Engine, chat: ChatId, markers: &Newest) -> Result<(), StoreError> {
    let rows = markers.iter().map(|(author, read)| raised(chat, *author, *read)).collect();
    engine.write_all(rows).await?;
    engine.senders.written(chat, markers);
    Ok(())
}

/// Puts aside the texts that a plan replaces, before it is sent: should it come to nothing, they are not
/// shown, because they are not older than their message.
pub(super) async fn put_aside(engine: &Engine, chat: ChatId, entries: &[Entry]) -> Result<(), StoreError> {
    let writes = entries.iter().filter_map(|entry| match &entry.step {
        Step::Revision { before, now, change, .. } if is_edit(change.kind) && !now.deleted => {
            let values = (chat.uuid(), before.seq, before.cseq, before.text.clone(), change.at.micros());
            Some(engine.run(&PUT_ASIDE, values))
        }
        _ => None,
    });
    try_join_all(writes).await.map(drop)
}

/// Whether it puts another text in the place of one.
const fn is_edit(kind: ChangeKind) -> bool {
    !matches!(kind, ChangeKind::MessageChanged(_) | ChangeKind::MessagePinned(_))
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
