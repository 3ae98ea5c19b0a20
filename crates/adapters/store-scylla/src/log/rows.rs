//! The rows of the log: statements and how entries are made of them.

use petit_domain::{
    About, ChangeKind, ChatId, Message, MessageId, MessageKind, MessagePlace, Timestamp, UserId, pack, unpack,
};
use petit_ports::{ChangeRecord, StoreError};
use scylla::{DeserializeRow, SerializeRow, value::MaybeUnset};
use uuid::Uuid;

use super::revised::{Far, FarWhat, near, summary_text};
use crate::{
    engine::Bound,
    row::{code, times, tiny, unset, value},
    sequencer::{Entry, Known, Plan, Step},
    statement::Cql,
};

pub(super) static HEAD_SERIAL: Cql = Cql::serial(
    "SELECT head_seq, head_cseq, sealed, last_at, sent_seq, head_uncounted, deleted_seq, ruled_cseq FROM chat_log \
     WHERE chat_id = ? AND bucket = ? LIMIT 1",
);
pub(super) static HEAD: Cql = Cql::read(
    "SELECT head_seq, head_cseq, sealed, last_at, sent_seq, head_uncounted, deleted_seq, ruled_cseq FROM chat_log \
     WHERE chat_id = ? AND bucket = ? LIMIT 1",
);
pub(super) static FIRST_CHANGE: Cql =
    Cql::read("SELECT first_cseq FROM chat_log WHERE chat_id = ? AND bucket = ? LIMIT 1");
pub(super) static OPEN: Cql = Cql::lwt(
    "UPDATE chat_log SET head_seq = ?, head_cseq = ?, first_cseq = ?, sealed = false, last_at = ?, sent_seq = ?, \
     head_uncounted = ?, deleted_seq = ?, ruled_cseq = ? WHERE chat_id = ? AND bucket = ? IF head_seq = null",
);
/// The condition of every group.
static ADVANCE: Cql = Cql::lwt(
    "UPDATE chat_log SET head_seq = ?, head_cseq = ?, sealed = ?, last_at = ?, sent_seq = ?, head_uncounted = ?, \
     deleted_seq = ?, ruled_cseq = ? WHERE chat_id = ? AND bucket = ? IF head_seq = ? AND head_cseq = ?",
);
static MESSAGE: Cql = Cql::lwt(
    "INSERT INTO chat_log (chat_id, bucket, kind, n, plan, message_id, cseq, author, mtype, body, client_id, \
     reply_seq, subject, at, more, quiet, uncounted, reactions, pinned, place_chat, place_seq) \
     VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);
/// Changes are kept for thirty days.
static CHANGE: Cql = Cql::lwt(
    "INSERT INTO chat_log (chat_id, bucket, kind, n, plan, c_type, c_seq, c_user, author, at, c_body, body, more, \
     deleted, reactions, pinned) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL 2592000",
);
/// Which messages were deleted, in the part of the log in which the deletion is numbered.
static GONE: Cql = Cql::lwt("INSERT INTO chat_log (chat_id, bucket, kind, n, plan) VALUES (?, ?, 2, ?, ?)");
/// What is known of a message that was changed elsewhere.
pub(super) static REVISED: Cql = Cql::lwt(
    "UPDATE chat_log SET edited_at = ?, deleted = ? WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? \
     IF EXISTS",
);

macro_rules! message_columns {
    () => {
        "SELECT n, message_id, cseq, author, mtype, body, client_id, reply_seq, subject, at, edited_at, deleted, \
         more, uncounted, reactions, pinned, place_chat, place_seq FROM chat_log \
         WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n "
    };
}

pub(super) static ONE: Cql = Cql::read(concat!(message_columns!(), "= ?"));
pub(super) static MANY: Cql = Cql::read(concat!(message_columns!(), "IN ?"));
pub(super) static BELOW: Cql = Cql::read(concat!(message_columns!(), "< ? LIMIT ?"));
pub(super) static ABOVE: Cql =
    Cql::read(concat!(message_columns!(), "> ? ORDER BY kind DESC, n ASC LIMIT ?"));
pub(super) static UNCOUNTED: Cql =
    Cql::read("SELECT uncounted FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ?");
pub(super) static GONE_ABOVE: Cql =
    Cql::read("SELECT count(*) FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 2 AND n > ?");
pub(super) static SEEN_MESSAGES: Cql = Cql::read(
    "SELECT n, author, client_id, plan, quiet FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n > ? \
     ORDER BY kind DESC, n ASC",
);
pub(super) static NAMES: Cql = Cql::read(
    "SELECT author, client_id FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n >= ? AND n < ? \
     ORDER BY kind DESC, n ASC",
);
pub(super) static SEEN_CHANGES: Cql = Cql::read(
    "SELECT n, plan FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 1 AND n > ? \
     ORDER BY kind DESC, n ASC",
);
pub(super) static CHANGES: Cql = Cql::read(
    "SELECT n, c_type, c_seq, c_user, author, at, c_body, body, more, deleted, reactions, pinned FROM chat_log \
     WHERE chat_id = ? AND bucket = ? AND kind = 1 AND n > ? ORDER BY kind DESC, n ASC LIMIT ?",
);

/// A message as its row has it, each column by its name.
#[derive(DeserializeRow)]
pub(super) struct MessageRow {
    n: i64,
    message_id: Uuid,
    cseq: i64,
    author: Uuid,
    mtype: Option<i8>,
    body: String,
    client_id: String,
    reply_seq: Option<i64>,
    subject: Option<Uuid>,
    at: i64,
    edited_at: Option<i64>,
    deleted: Option<bool>,
    more: Option<Vec<u8>>,
    uncounted: Option<i64>,
    reactions: Option<String>,
    pinned: Option<bool>,
    place_chat: Option<Uuid>,
    place_seq: Option<i64>,
}

pub(super) fn message(chat: ChatId, row: MessageRow) -> Result<Message, StoreError> {
    let (kind, mut parts) = unpack(code(row.mtype), row.more.as_deref())
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let place = row.place_chat.zip(row.place_seq);
    parts.keep_place(place.map(|(chat, seq)| MessagePlace { chat: ChatId::from_uuid(chat), seq }));
    // What an older version deleted has its reactions and its pin still.
    let deleted = row.deleted.unwrap_or(false);
    let reactions = row.reactions.filter(|_| !deleted);
    Ok(Message {
        id: MessageId::from_uuid(row.message_id),
        chat,
        seq: row.n,
        cseq: row.cseq,
        author: UserId::from_uuid(row.author),
        kind,
        text: row.body,
        client_id: value(row.client_id)?,
        created_at: Timestamp::from_micros(row.at),
        edited_at: times(row.edited_at),
        deleted,
        counted: row.uncounted.map(|uncounted| row.n + 1 - uncounted),
        is_cut: false,
        pinned: !deleted && row.pinned.unwrap_or(false),
        // What only a newer version can read counts as none.
        reactions: reactions.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        reply_to: row.reply_seq,
        subject: row.subject.map(UserId::from_uuid),
        parts,
    })
}

/// A change as its row has it, with what it makes of a message in an older part of the log.
#[derive(DeserializeRow)]
pub(super) struct ChangeRow {
    n: i64,
    c_type: i8,
    c_seq: Option<i64>,
    c_user: Option<Uuid>,
    author: Uuid,
    at: i64,
    c_body: Option<String>,
    body: Option<String>,
    more: Option<Vec<u8>>,
    deleted: Option<bool>,
    reactions: Option<String>,
    pinned: Option<bool>,
}

impl ChangeRow {
    /// What is to be done with a message in an older part of the log.
    pub(super) fn far(&self) -> Option<Far> {
        let deleted = self.deleted.unwrap_or(false);
        let what = match (&self.body, &self.reactions, self.pinned) {
            (Some(text), ..) => FarWhat::Text {
                text: text.clone(),
                more: self.more.clone(),
                edited_at: (!deleted).then(|| Timestamp::from_micros(self.at)),
                deleted,
            },
            (None, Some(summary), _) => FarWhat::Reactions(summary.clone()),
            (None, None, Some(pinned)) => FarWhat::Pin(pinned),
            (None, None, None) => return None,
        };
        Some(Far { seq: self.c_seq?, cseq: self.n, what })
    }

    pub(super) fn record(self) -> ChangeRecord {
        let about = About::columns(self.c_seq, self.c_user.map(UserId::from_uuid));
        ChangeRecord {
            cseq: self.n,
            kind: ChangeKind::from_parts(code(Some(self.c_type)), about),
            actor: UserId::from_uuid(self.author),
            at: Timestamp::from_micros(self.at),
            body: self.c_body,
        }
    }
}

/// The column of [`Known::ruled`]: nothing where the settings never changed.
pub(super) fn ruled(known: &Known) -> MaybeUnset<i64> {
    unset((known.ruled >= 0).then_some(known.ruled))
}

/// The statements of a plan: its condition first, then its rows.
pub(crate) fn statements(chat: ChatId, plan: &Plan) -> Vec<Bound> {
    let (id, bucket) = (chat.uuid(), plan.before.bucket);
    let (before, after) = (plan.before.head, plan.after);
    let advance = (
        after.head.seq,
        after.head.cseq,
        after.is_sealed,
        after.last_at.micros(),
        after.sent,
        after.head.seq + 1 - after.counted,
        after.deleted,
        ruled(&after),
        id,
        bucket,
        before.seq,
        before.cseq,
    );
    let mut bound = vec![Bound::new(&ADVANCE, advance)];
    for (place, entry) in plan.entries.iter().enumerate() {
        bound.extend(rows_of(id, bucket, plan.batch, place == 0, entry));
    }
    bound
}

/// Of messages only the first one of a plan names it: that is enough to tell whose plan was applied.
fn rows_of(id: Uuid, bucket: i64, batch: Uuid, is_first: bool, entry: &Entry) -> Vec<Bound> {
    match &entry.step {
        Step::Message(message, change) => {
            let mut rows =
                vec![message_row(id, bucket, is_first.then_some(batch), message, entry.marks_read)];
            rows.extend(change.as_ref().map(|change| change_row(id, bucket, batch, change, None)));
            // Only what is taken in from another engine is deleted when it comes.
            rows.extend(gone_row(id, bucket, batch, message));
            rows
        }
        Step::Revision { change, now, before, is_near: true } => {
            let rows =
                [near(id, bucket, change.kind, (before, now)), change_row(id, bucket, batch, change, None)];
            rows.into_iter().chain(gone_row(id, bucket, batch, now)).collect()
        }
        Step::Revision { change, now, is_near: false, .. } => {
            let row = change_row(id, bucket, batch, change, Some(now));
            std::iter::once(row).chain(gone_row(id, bucket, batch, now)).collect()
        }
        Step::Change(change) => vec![change_row(id, bucket, batch, change, None)],
    }
}

fn gone_row(id: Uuid, bucket: i64, batch: Uuid, now: &Message) -> Option<Bound> {
    now.deleted.then(|| Bound::new(&GONE, (id, bucket, now.seq, batch)))
}

/// A new message's columns, each by its name.
#[derive(SerializeRow)]
struct NewRow {
    chat_id: Uuid,
    bucket: i64,
    n: i64,
    plan: MaybeUnset<Uuid>,
    message_id: Uuid,
    cseq: i64,
    author: Uuid,
    mtype: MaybeUnset<i8>,
    body: String,
    client_id: String,
    reply_seq: MaybeUnset<i64>,
    subject: MaybeUnset<Uuid>,
    at: i64,
    more: MaybeUnset<Vec<u8>>,
    quiet: MaybeUnset<bool>,
    uncounted: MaybeUnset<i64>,
    reactions: MaybeUnset<String>,
    pinned: MaybeUnset<bool>,
    place_chat: MaybeUnset<Uuid>,
    place_seq: MaybeUnset<i64>,
}

/// `quiet` is there where the author's read marker is not to follow.
fn message_row(
    chat_id: Uuid,
    bucket: i64,
    batch: Option<Uuid>,
    message: &Message,
    marks_read: bool,
) -> Bound {
    let ((code, more), place) = (pack(message.kind, &message.parts), message.parts.place());
    let row = NewRow {
        chat_id,
        bucket,
        n: message.seq,
        plan: unset(batch),
        message_id: message.id.uuid(),
        cseq: message.cseq,
        author: message.author.uuid(),
        mtype: unset((message.kind != MessageKind::Text).then(|| tiny(code))),
        body: message.text.clone(),
        client_id: message.client_id.as_str().to_owned(),
        reply_seq: unset(message.reply_to),
        subject: unset(message.subject.map(UserId::uuid)),
        at: message.created_at.micros(),
        more: unset(more),
        quiet: unset((!marks_read).then_some(true)),
        uncounted: unset(message.uncounted()),
        // Only what is taken in from another engine has some, or is pinned, when it comes.
        reactions: unset((!message.reactions.is_empty()).then(|| summary_text(message))),
        pinned: unset(message.pinned.then_some(true)),
        place_chat: unset(place.map(|place| place.chat.uuid())),
        place_seq: unset(place.map(|place| place.seq)),
    };
    Bound::new(&MESSAGE, row)
}

/// A change's columns, each by its name.
#[derive(SerializeRow)]
struct NewChangeRow {
    chat_id: Uuid,
    bucket: i64,
    n: i64,
    plan: Uuid,
    c_type: i8,
    c_seq: MaybeUnset<i64>,
    c_user: MaybeUnset<Uuid>,
    author: Uuid,
    at: i64,
    c_body: MaybeUnset<String>,
    body: MaybeUnset<String>,
    more: MaybeUnset<Vec<u8>>,
    deleted: MaybeUnset<bool>,
    reactions: MaybeUnset<String>,
    pinned: MaybeUnset<bool>,
}

/// A change of a message in an older part carries what it makes of it, so that whoever finds the one can
/// finish the other.
fn change_row(chat_id: Uuid, bucket: i64, plan: Uuid, change: &ChangeRecord, far: Option<&Message>) -> Bound {
    let (code, about) = change.kind.parts();
    let (mut body, mut more, mut deleted, mut reactions, mut pinned) = (None, None, None, None, None);
    match far.map(|now| Far::of(change.kind, now).what) {
        Some(FarWhat::Text { text, more: parts, deleted: is_deleted, .. }) => {
            (body, more, deleted) = (Some(text), parts, Some(is_deleted));
        }
        Some(FarWhat::Reactions(summary)) => reactions = Some(summary),
        Some(FarWhat::Pin(is_pinned)) => pinned = Some(is_pinned),
        None => {}
    }
    let row = NewChangeRow {
        chat_id,
        bucket,
        n: change.cseq,
        plan,
        c_type: tiny(code),
        c_seq: unset(about.message()),
        c_user: unset(about.person().map(UserId::uuid)),
        author: change.actor.uuid(),
        at: change.at.micros(),
        c_body: unset(change.body.clone()),
        body: unset(body),
        deleted: unset(deleted),
        more: unset(more),
        reactions: unset(reactions),
        pinned: unset(pinned),
    };
    Bound::new(&CHANGE, row)
}
