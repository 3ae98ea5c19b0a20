use std::sync::Arc;

use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, Edition, Head, Message, MessageId, Timestamp, UserId};
use petit_ports::{
    Appended, ChangeKind, ChangeRecord, Commit, CommitEntry, CommitObserver, Edited, LogStore, NewChange,
    NewMessage, PageAt, StoreError,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{
    fullness,
    heads::LogHead,
    job::Writing,
    row::{self, MESSAGE, message_kind_code},
    store::SqliteStore,
};

#[async_trait]
impl LogStore for SqliteStore {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        *self.shared.observer.write() = Some(observer);
    }

    async fn append(&self, chat: ChatId, message: NewMessage) -> Result<Appended, StoreError> {
        self.write(move |writing| append(writing, chat, &message)).await
    }

    async fn append_change(
        &self,
        chat: ChatId,
        change: NewChange,
    ) -> Result<Option<ChangeRecord>, StoreError> {
        self.write(move |writing| {
            let Some(log) = writing.heads.get(writing.connection, chat)? else { return Ok(None) };
            let record = number_change(writing, chat, log, change.kind, change.actor, change.at)?;
            let head = Head { seq: log.head.seq, cseq: record.cseq };
            writing.commits.push(Commit { chat, head, entry: CommitEntry::Change(change.kind) });
            Ok(Some(record))
        })
        .await
    }

    async fn edit(
        &self,
        chat: ChatId,
        seq: i64,
        text: &str,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        let text = text.to_owned();
        self.write(move |writing| edit(writing, chat, seq, &text, actor, at)).await
    }

    async fn delete(
        &self,
        chat: ChatId,
        seq: i64,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        self.write(move |writing| delete(writing, chat, seq, actor, at)).await
    }

    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT head_seq, head_cseq FROM chats WHERE chat_id = ?1")?
                .query_row([chat.uuid().into_bytes()], |found| {
                    Ok(Head { seq: found.get(0)?, cseq: found.get(1)? })
                })
                .optional()
        })
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        self.read(|connection| find(connection, chat, seq))
    }

    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.shared.pages.get(chat, at, limit, || self.read(|connection| page(connection, chat, at, limit)))
    }

    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT cseq, kind, about_seq, about_user, actor, at FROM changes \
                     WHERE chat_id = ?1 AND cseq > ?2 ORDER BY cseq LIMIT ?3",
                )?
                .query_map(params![chat.uuid().into_bytes(), cseq, limit as i64], change)?
                .collect()
        })
    }

    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT text, replaced_at FROM editions WHERE chat_id = ?1 AND seq = ?2 ORDER BY cseq DESC LIMIT ?3",
                )?
                .query_map(params![chat.uuid().into_bytes(), seq, limit as i64], |found| {
                    Ok(Edition { text: found.get(0)?, replaced_at: row::time(found, 1)? })
                })?
                .collect()
        })
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.write(|writing| fullness::probe(writing.connection)).await
    }
}

/// Numbers and writes a message: one statement of its own; the chat's head and the author's marker are
/// written once for the whole group.
fn append(writing: &mut Writing<'_>, chat: ChatId, new: &NewMessage) -> Result<Appended> {
    let Some(log) = writing.heads.get(writing.connection, chat)? else { return Ok(Appended::NoSuchChat) };
    let answers_nothing = |reply: i64| reply < 0 || reply > log.head.seq;
    if new.reply_to.is_some_and(answers_nothing) {
        let first = by_client_id(writing.connection, chat, new.author, &new.client_id)?;
        return Ok(first.map_or(Appended::NoSuchReply, Appended::Repeated));
    }
    let at = new.at.max(Timestamp::from_micros(log.last_message_at.micros() + 1));
    let message = Message {
        id: MessageId::mint(at, new.random),
        chat,
        seq: log.head.seq + 1,
        cseq: log.head.cseq + i64::from(new.change.is_some()),
        author: new.author,
        kind: new.kind,
        text: new.text.clone(),
        client_id: new.client_id.clone(),
        created_at: at,
        edited_at: None,
        deleted: false,
        reply_to: new.reply_to,
        subject: new.subject,
    };
    if !insert(writing.connection, &message)? {
        return repeated(writing.connection, &message);
    }
    let mut head = Head { seq: message.seq, cseq: log.head.cseq };
    let log = LogHead { head, last_message_at: at };
    writing.heads.set(chat, log);
    writing.heads.mark(chat, message.author, message.seq);
    if let Some(kind) = new.change {
        head.cseq = number_change(writing, chat, log, kind, new.author, at)?.cseq;
    }
    let entry = CommitEntry::Message(message.clone(), new.change);
    writing.commits.push(Commit { chat, head, entry });
    Ok(Appended::New(message))
}

/// Whether it was new: the author's client id decides.
fn insert(connection: &Connection, message: &Message) -> Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO messages (chat_id, seq, cseq, message_id, author, client_id, kind, text, reply_to, subject, \
             created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
             ON CONFLICT (chat_id, author, client_id) DO NOTHING",
        )?
        .execute(params![
            message.chat.uuid().into_bytes(),
            message.seq,
            message.cseq,
            message.id.uuid().into_bytes(),
            message.author.uuid().into_bytes(),
            message.client_id.as_str(),
            message_kind_code(message.kind),
            message.text,
            message.reply_to,
            message.subject.map(|user| user.uuid().into_bytes()),
            message.created_at.micros(),
        ])?;
    Ok(inserted > 0)
}

fn repeated(connection: &Connection, message: &Message) -> Result<Appended> {
    by_client_id(connection, message.chat, message.author, &message.client_id)?
        .map(Appended::Repeated)
        .ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn by_client_id(
    connection: &Connection,
    chat: ChatId,
    author: UserId,
    id: &ClientId,
) -> Result<Option<Message>> {
    connection
        .prepare_cached(&format!(
            "SELECT {MESSAGE} FROM messages WHERE chat_id = ?1 AND author = ?2 AND client_id = ?3"
        ))?
        .query_row(params![chat.uuid().into_bytes(), author.uuid().into_bytes(), id.as_str()], row::message)
        .optional()
}

fn edit(
    writing: &mut Writing<'_>,
    chat: ChatId,
    seq: i64,
    text: &str,
    actor: UserId,
    at: Timestamp,
) -> Result<Edited> {
    let Some(mut message) = find(writing.connection, chat, seq)? else { return Ok(Edited::NoSuchMessage) };
    if message.deleted {
        return Ok(Edited::Deleted);
    }
    if message.text == text {
        return Ok(Edited::AlreadySo(message));
    }
    let old = std::mem::replace(&mut message.text, text.to_owned());
    message.edited_at = Some(at);
    message.cseq = revise(writing, &message, ChangeKind::MessageEdited(seq), actor, at)?;
    writing
        .connection
        .prepare_cached("INSERT INTO editions VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![chat.uuid().into_bytes(), seq, message.cseq, old, at.micros()])?;
    Ok(Edited::Done(message))
}

fn delete(writing: &mut Writing<'_>, chat: ChatId, seq: i64, actor: UserId, at: Timestamp) -> Result<Edited> {
    let Some(mut message) = find(writing.connection, chat, seq)? else { return Ok(Edited::NoSuchMessage) };
    if message.deleted {
        return Ok(Edited::AlreadySo(message));
    }
    message.deleted = true;
    message.text.clear();
    writing
        .connection
        .prepare_cached("DELETE FROM editions WHERE chat_id = ?1 AND seq = ?2")?
        .execute(params![chat.uuid().into_bytes(), seq])?;
    message.cseq = revise(writing, &message, ChangeKind::MessageDeleted(seq), actor, at)?;
    Ok(Edited::Done(message))
}

/// Numbers a revision and writes the message as it is after it.
fn revise(
    writing: &mut Writing<'_>,
    message: &Message,
    kind: ChangeKind,
    actor: UserId,
    at: Timestamp,
) -> Result<i64> {
    let chat = message.chat;
    let log = writing.heads.get(writing.connection, chat)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let cseq = number_change(writing, chat, log, kind, actor, at)?.cseq;
    writing
        .connection
        .prepare_cached(
            "UPDATE messages SET cseq = ?3, text = ?4, edited_at = ?5, deleted = ?6 WHERE chat_id = ?1 AND seq = ?2",
        )?
        .execute(params![
            chat.uuid().into_bytes(),
            message.seq,
            cseq,
            message.text,
            message.edited_at.map(Timestamp::micros),
            message.deleted,
        ])?;
    let head = Head { seq: log.head.seq, cseq };
    let entry = CommitEntry::Revision(kind, Message { cseq, ..message.clone() });
    writing.commits.push(Commit { chat, head, entry });
    Ok(cseq)
}

fn number_change(
    writing: &mut Writing<'_>,
    chat: ChatId,
    log: LogHead,
    kind: ChangeKind,
    actor: UserId,
    at: Timestamp,
) -> Result<ChangeRecord> {
    let cseq = log.head.cseq + 1;
    let (code, about_seq, about_user) = change_columns(kind);
    writing.connection.prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
        params![
            chat.uuid().into_bytes(),
            cseq,
            code,
            about_seq,
            about_user.map(|user: UserId| user.uuid().into_bytes()),
            actor.uuid().into_bytes(),
            at.micros(),
        ],
    )?;
    let head = Head { seq: log.head.seq, cseq };
    writing.heads.set(chat, LogHead { head, ..log });
    Ok(ChangeRecord { cseq, kind, actor, at })
}

const fn change_columns(kind: ChangeKind) -> (i64, Option<i64>, Option<UserId>) {
    match kind {
        ChangeKind::MessageEdited(seq) => (1, Some(seq), None),
        ChangeKind::MessageDeleted(seq) => (2, Some(seq), None),
        ChangeKind::MemberChanged(user) => (3, None, Some(user)),
        ChangeKind::MemberRemoved(user) => (4, None, Some(user)),
        ChangeKind::ChatRenamed => (5, None, None),
    }
}

fn change(found: &Row<'_>) -> Result<ChangeRecord> {
    let kind = match found.get::<_, i64>(1)? {
        1 => ChangeKind::MessageEdited(found.get(2)?),
        2 => ChangeKind::MessageDeleted(found.get(2)?),
        3 => ChangeKind::MemberChanged(row::user(found, 3)?),
        4 => ChangeKind::MemberRemoved(row::user(found, 3)?),
        5 => ChangeKind::ChatRenamed,
        other => return Err(rusqlite::Error::IntegralValueOutOfRange(1, other)),
    };
    Ok(ChangeRecord { cseq: found.get(0)?, kind, actor: row::user(found, 4)?, at: row::time(found, 5)? })
}

pub(crate) fn find(connection: &Connection, chat: ChatId, seq: i64) -> Result<Option<Message>> {
    connection
        .prepare_cached(&format!("SELECT {MESSAGE} FROM messages WHERE chat_id = ?1 AND seq = ?2"))?
        .query_row(params![chat.uuid().into_bytes(), seq], row::message)
        .optional()
}

fn page(connection: &Connection, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>> {
    match at {
        PageAt::Newest => below(connection, chat, i64::MAX, limit),
        PageAt::Before(seq) => below(connection, chat, seq, limit),
        PageAt::After(seq) => above(connection, chat, seq, limit),
        PageAt::Around(seq) => {
            let mut page = below(connection, chat, seq, limit / 2)?;
            page.extend(above(connection, chat, seq.saturating_sub(1), limit - page.len())?);
            Ok(page)
        }
    }
}

fn below(connection: &Connection, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Message>> {
    let sql =
        format!("SELECT {MESSAGE} FROM messages WHERE chat_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    let mut page = rows(connection, &sql, chat, seq, limit)?;
    page.reverse();
    Ok(page)
}

fn above(connection: &Connection, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Message>> {
    let sql = format!("SELECT {MESSAGE} FROM messages WHERE chat_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    rows(connection, &sql, chat, seq, limit)
}

fn rows(connection: &Connection, sql: &str, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Message>> {
    connection
        .prepare_cached(sql)?
        .query_map(params![chat.uuid().into_bytes(), seq, limit as i64], row::message)?
        .collect()
}
