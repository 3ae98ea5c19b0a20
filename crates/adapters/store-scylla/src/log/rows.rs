//! The rows of the log: statements and how entries are made of them.

use petit_domain::{ChatId, Message, MessageId, MessageKind, Timestamp, UserId};
use petit_ports::{ChangeKind, ChangeRecord, StoreError};
use uuid::Uuid;

use crate::{
    engine::Bound,
    row::{message_kind, message_kind_code, times, unset, value},
    sequencer::{Entry, Plan, Written, about},
    statement::Cql,
};

pub(super) static HEAD_SERIAL: Cql = Cql::serial(
    "SELECT head_seq, head_cseq, sealed, last_at, sent_seq FROM chat_log WHERE chat_id = ? AND bucket = ? LIMIT 1",
);
pub(super) static HEAD: Cql = Cql::read(
    "SELECT head_seq, head_cseq, sealed, last_at, sent_seq FROM chat_log WHERE chat_id = ? AND bucket = ? LIMIT 1",
);
pub(super) static FIRST_CHANGE: Cql =
    Cql::read("SELECT first_cseq FROM chat_log WHERE chat_id = ? AND bucket = ? LIMIT 1");
pub(super) static OPEN: Cql = Cql::lwt(
    "UPDATE chat_log SET head_seq = ?, head_cseq = ?, first_cseq = ?, sealed = false, last_at = ?, sent_seq = ? \
     WHERE chat_id = ? AND bucket = ? IF head_seq = null",
);
/// The condition of every group.
static ADVANCE: Cql = Cql::lwt(
    "UPDATE chat_log SET head_seq = ?, head_cseq = ?, sealed = ?, last_at = ?, sent_seq = ? \
     WHERE chat_id = ? AND bucket = ? IF head_seq = ? AND head_cseq = ?",
);
static MESSAGE: Cql = Cql::lwt(
    "INSERT INTO chat_log (chat_id, bucket, kind, n, plan, message_id, cseq, author, mtype, body, client_id, \
     reply_seq, subject, at) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);
/// Changes are kept for thirty days.
static CHANGE: Cql = Cql::lwt(
    "INSERT INTO chat_log (chat_id, bucket, kind, n, plan, c_type, c_seq, c_user, author, at, body, deleted) \
     VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL 2592000",
);
static REVISE: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, body = ?, edited_at = ?, deleted = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ?",
);
/// For a message in an older part of the log; the later change stays.
pub(super) static REVISE_FAR: Cql = Cql::lwt(
    "UPDATE chat_log SET cseq = ?, body = ?, edited_at = ?, deleted = ? \
     WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? IF cseq < ?",
);

/// What is known of a message that was changed elsewhere.
pub(super) static REVISED: Cql = Cql::lwt(
    "UPDATE chat_log SET edited_at = ?, deleted = ? WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n = ? \
     IF EXISTS",
);

macro_rules! message_columns {
    () => {
        "SELECT n, message_id, cseq, author, mtype, body, client_id, reply_seq, subject, at, edited_at, deleted \
         FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n "
    };
}

pub(super) static ONE: Cql = Cql::read(concat!(message_columns!(), "= ?"));
pub(super) static BELOW: Cql = Cql::read(concat!(message_columns!(), "< ? LIMIT ?"));
pub(super) static ABOVE: Cql =
    Cql::read(concat!(message_columns!(), "> ? ORDER BY kind DESC, n ASC LIMIT ?"));
pub(super) static SEEN_MESSAGES: Cql = Cql::read(
    "SELECT n, author, client_id, plan FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n > ? \
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
    "SELECT n, c_type, c_seq, c_user, author, at, body, deleted FROM chat_log \
     WHERE chat_id = ? AND bucket = ? AND kind = 1 AND n > ? ORDER BY kind DESC, n ASC LIMIT ?",
);

pub(super) type MessageRow = (
    i64,
    Uuid,
    i64,
    Uuid,
    Option<i8>,
    String,
    String,
    Option<i64>,
    Option<Uuid>,
    i64,
    Option<i64>,
    Option<bool>,
);

pub(super) fn message(chat: ChatId, row: MessageRow) -> Result<Message, StoreError> {
    let (seq, id, cseq, author, kind, text, client_id, reply_to, subject, at, edited_at, deleted) = row;
    Ok(Message {
        id: MessageId::from_uuid(id),
        chat,
        seq,
        cseq,
        author: UserId::from_uuid(author),
        kind: kind.map_or(Ok(MessageKind::Text), message_kind)?,
        text,
        client_id: value(client_id)?,
        created_at: Timestamp::from_micros(at),
        edited_at: times(edited_at),
        deleted: deleted.unwrap_or(false),
        reply_to,
        subject: subject.map(UserId::from_uuid),
    })
}

pub(super) type ChangeRow = (i64, i8, Option<i64>, Option<Uuid>, Uuid, i64, Option<String>, Option<bool>);

/// A change, and what it makes of a message in an older part of the log.
pub(super) struct FoundChange {
    pub(super) record: ChangeRecord,
    pub(super) far: Option<Far>,
}

/// What a change makes of a message that is not beside it.
#[derive(Clone, Debug)]
pub(super) struct Far {
    pub(super) seq: i64,
    pub(super) cseq: i64,
    pub(super) text: String,
    pub(super) edited_at: Option<Timestamp>,
    pub(super) deleted: bool,
}

pub(super) fn change(row: ChangeRow) -> Result<FoundChange, StoreError> {
    let (cseq, code, seq, user, actor, at, text, deleted) = row;
    let damaged = || StoreError::Inconsistent(format!("change {cseq} names nothing"));
    let kind = match code {
        1 => ChangeKind::MessageEdited(seq.ok_or_else(damaged)?),
        2 => ChangeKind::MessageDeleted(seq.ok_or_else(damaged)?),
        3 => ChangeKind::MemberChanged(user.map(UserId::from_uuid).ok_or_else(damaged)?),
        4 => ChangeKind::MemberRemoved(user.map(UserId::from_uuid).ok_or_else(damaged)?),
        5 => ChangeKind::ChatRenamed,
        _ => return Err(damaged()),
    };
    let at = Timestamp::from_micros(at);
    let record = ChangeRecord { cseq, kind, actor: UserId::from_uuid(actor), at };
    let deleted = deleted.unwrap_or(false);
    let far = text.zip(seq).map(|(text, seq)| {
        let edited_at = (!deleted).then_some(at);
        Far { seq, cseq, text, edited_at, deleted }
    });
    Ok(FoundChange { record, far })
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
    match &entry.written {
        Written::Message(message, change) => {
            let mut rows = vec![message_row(id, bucket, is_first.then_some(batch), message)];
            rows.extend(change.as_ref().map(|change| change_row(id, bucket, batch, change, None)));
            rows
        }
        Written::Revision { change, now, is_near: true, .. } => {
            let edited_at = unset(now.edited_at.map(Timestamp::micros));
            let revised = (now.cseq, now.text.clone(), edited_at, now.deleted, id, bucket, now.seq);
            vec![Bound::new(&REVISE, revised), change_row(id, bucket, batch, change, None)]
        }
        Written::Revision { change, now, is_near: false, .. } => {
            vec![change_row(id, bucket, batch, change, Some(now))]
        }
        Written::Change(change) => vec![change_row(id, bucket, batch, change, None)],
    }
}

fn message_row(id: Uuid, bucket: i64, batch: Option<Uuid>, message: &Message) -> Bound {
    let values = (
        id,
        bucket,
        message.seq,
        unset(batch),
        message.id.uuid(),
        message.cseq,
        message.author.uuid(),
        unset((message.kind != MessageKind::Text).then(|| message_kind_code(message.kind))),
        message.text.clone(),
        message.client_id.as_str().to_owned(),
        unset(message.reply_to),
        unset(message.subject.map(UserId::uuid)),
        message.created_at.micros(),
    );
    Bound::new(&MESSAGE, values)
}

/// A change of a message in an older part carries what it makes of it, so that whoever finds the one can
/// finish the other.
fn change_row(id: Uuid, bucket: i64, batch: Uuid, change: &ChangeRecord, far: Option<&Message>) -> Bound {
    let (code, seq, user) = about(change.kind);
    let values = (
        id,
        bucket,
        change.cseq,
        batch,
        code,
        unset(seq),
        unset(user.map(UserId::uuid)),
        change.actor.uuid(),
        change.at.micros(),
        unset(far.map(|now| now.text.clone())),
        unset(far.map(|now| now.deleted)),
    );
    Bound::new(&CHANGE, values)
}
