//! What becomes of a message by a change: written beside it in one step, or after it where the message is in an older part.

use petit_domain::{ChangeKind, Message, Timestamp, pack};
use scylla::value::MaybeUnset;
use uuid::Uuid;

use super::BUCKET;
use crate::{engine::Bound, row::unset, statement::Cql};

static REVISE: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, body = ?, more = ?, edited_at = ?, deleted = ?, reactions = ?, pinned = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ?",
);
/// Nothing of what an edit writes.
static REACT: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, reactions = ? WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ?",
);
static PIN: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, pinned = ? WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ?",
);
/// For a message in an older part of the log; the later change stays.
static REVISE_FAR: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, body = ?, more = ?, edited_at = ?, deleted = ?, reactions = ?, pinned = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? IF cseq < ?",
);
/// Whatever changed the message before has been finished by now: nothing is planned before that.
static REACT_FAR: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, reactions = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? IF cseq < ?",
);
static PIN_FAR: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, pinned = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? IF cseq < ?",
);

/// What a change makes of a message that is not beside it.
#[derive(Clone, Debug)]
pub(super) struct Far {
    pub(super) seq: i64,
    pub(super) cseq: i64,
    pub(super) what: FarWhat,
}

/// What it makes of it.
#[derive(Clone, Debug)]
pub(super) enum FarWhat {
    /// It has another text, or none any more.
    Text { text: String, more: Option<Vec<u8>>, edited_at: Option<Timestamp>, deleted: bool },
    /// It shows other reactions.
    Reactions(String),
    /// Whether it is pinned.
    Pin(bool),
}

impl Far {
    /// A message as a change makes it.
    pub(super) fn of(kind: ChangeKind, now: &Message) -> Self {
        let what = match kind {
            ChangeKind::MessageChanged(_) => FarWhat::Reactions(summary_text(now)),
            ChangeKind::MessagePinned(_) => FarWhat::Pin(now.pinned),
            _ => FarWhat::Text {
                text: now.text.clone(),
                more: pack(now.kind, &now.parts).1,
                edited_at: now.edited_at,
                deleted: now.deleted,
            },
        };
        Self { seq: now.seq, cseq: now.cseq, what }
    }
}

/// What is written of a message that is beside its change.
pub(super) fn near(id: Uuid, bucket: i64, kind: ChangeKind, (before, now): (&Message, &Message)) -> Bound {
    let (cseq, seq) = (now.cseq, now.seq);
    match Far::of(kind, now).what {
        FarWhat::Text { text, more, edited_at, deleted } => {
            let (more, edited_at) = (replaced(more, before), unset(edited_at.map(Timestamp::micros)));
            let (reactions, pin) = (kept_reactions(deleted, before), kept_pin(deleted, before));
            let values = (cseq, text, more, edited_at, deleted, reactions, pin, id, bucket, seq);
            Bound::new(&REVISE, values)
        }
        FarWhat::Reactions(summary) => Bound::new(&REACT, (cseq, summary, id, bucket, seq)),
        FarWhat::Pin(pinned) => Bound::new(&PIN, (cseq, pinned, id, bucket, seq)),
    }
}

/// What is written of a message in an older part, if no later change was there before.
pub(super) fn far(id: Uuid, far: &Far, before: &Message) -> Bound {
    let (cseq, seq, bucket) = (far.cseq, far.seq, far.seq / BUCKET);
    match far.what.clone() {
        FarWhat::Text { text, more, edited_at, deleted } => {
            let (more, edited_at) = (replaced(more, before), unset(edited_at.map(Timestamp::micros)));
            let (reactions, pin) = (kept_reactions(deleted, before), kept_pin(deleted, before));
            let values = (cseq, text, more, edited_at, deleted, reactions, pin, id, bucket, seq, cseq);
            Bound::new(&REVISE_FAR, values)
        }
        FarWhat::Reactions(summary) => Bound::new(&REACT_FAR, (cseq, summary, id, bucket, seq, cseq)),
        FarWhat::Pin(pinned) => Bound::new(&PIN_FAR, (cseq, pinned, id, bucket, seq, cseq)),
    }
}

/// A column that takes the place of what was there. One that was and stays empty is not written.
fn replaced(now: Option<Vec<u8>>, before: &Message) -> MaybeUnset<Option<Vec<u8>>> {
    match now {
        None if pack(before.kind, &before.parts).1.is_none() => MaybeUnset::Unset,
        now => MaybeUnset::Set(now),
    }
}

/// A message's reactions as their column has them.
pub(super) fn summary_text(message: &Message) -> String {
    serde_json::to_string(&message.reactions).unwrap_or_default()
}

/// The column of reactions beside what an edit or deletion writes: emptied with the message, else left alone.
fn kept_reactions(is_deleted: bool, before: &Message) -> MaybeUnset<Option<String>> {
    if is_deleted && !before.reactions.is_empty() { MaybeUnset::Set(None) } else { MaybeUnset::Unset }
}

/// The column of the pin beside it, in the same way.
fn kept_pin(is_deleted: bool, before: &Message) -> MaybeUnset<Option<bool>> {
    if is_deleted && before.pinned { MaybeUnset::Set(None) } else { MaybeUnset::Unset }
}
