use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use petit_domain::{About, ChangeKind, ChatId, ClientId, Edition, Head, Message, Timestamp, UserId, pack};
use petit_ports::{
    ChangeRecord, Commit, CommitEntry, CommitObserver, Effect, LogReader, LogWriter, NewChange, NewMessage,
    PageAt, Revision, Sets, StoreError, Why, Wish, Written,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{
    fullness,
    heads::LogHead,
    job::Writing,
    pins, reactions,
    row::{self, MESSAGE},
    store::SqliteStore,
};

#[async_trait]
impl LogWriter for SqliteStore {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        *self.shared.observer.write() = Some(observer);
    }

    async fn write(&self, chat: ChatId, wish: Wish) -> Result<Written, StoreError> {
        self.write(move |writing| match &wish {
            Wish::Append(message) => append(writing, chat, message),
            Wish::Revise { seq, if_cseq, revision, actor, at } => {
                revise(writing, chat, *seq, *if_cseq, revision, (*actor, *at))
            }
            Wish::Note(change) => note(writing, chat, change),
        })
        .await
    }
}

#[async_trait]
impl LogReader for SqliteStore {
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

    async fn get_many(&self, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError> {
        let each: BTreeSet<i64> = seqs.iter().copied().collect();
        self.read(|connection| {
            each.iter().filter_map(|seq| find(connection, chat, *seq).transpose()).collect()
        })
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
                    "SELECT cseq, kind, about_seq, about_user, actor, at, body FROM changes \
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
fn append(writing: &mut Writing<'_>, chat: ChatId, new: &NewMessage) -> Result<Written> {
    let Some(log) = writing.heads.get(writing.connection, chat)? else {
        return Ok(Written::Refused(Why::NoSuchChat));
    };
    if let Some(why) = refusal(new, &log) {
        let first = by_client_id(writing.connection, chat, new.author, &new.client_id)?;
        return Ok(first.map_or(Written::Refused(why), Written::Repeated));
    }
    let message = new.numbered(chat, log.head, log.counted(), log.last_message_at);
    if !insert(writing.connection, &message)? {
        return repeated(writing.connection, &message);
    }
    let mut head = Head { seq: message.seq, cseq: log.head.cseq };
    let uncounted = message.uncounted().unwrap_or(log.uncounted);
    let log = LogHead { head, last_message_at: message.created_at, uncounted, ruled: log.ruled };
    writing.heads.set(chat, log);
    if new.marks_read {
        writing.heads.mark(chat, message.author, message.seq);
    }
    if let Some(effect) = &new.change {
        head.cseq = number_change(writing, chat, log, effect, (new.author, message.created_at))?.cseq;
    }
    let entry = CommitEntry::Message(message.clone(), new.change.as_ref().map(|effect| effect.kind));
    writing.commits.push(Commit { chat, head, entry });
    Ok(Written::New(message))
}

/// Why a message that is new is not written.
fn refusal(new: &NewMessage, LogHead { head, ruled, .. }: &LogHead) -> Option<Why> {
    let answers_nothing = |reply: i64| reply < 0 || reply > head.seq;
    if new.if_cseq.is_some_and(|seen| seen != head.cseq) || new.if_settings.is_some_and(|seen| seen < *ruled)
    {
        return Some(Why::Overtaken);
    }
    new.reply_to.is_some_and(answers_nothing).then_some(Why::NoSuchReply)
}

fn note(writing: &mut Writing<'_>, chat: ChatId, new: &NewChange) -> Result<Written> {
    let Some(log) = writing.heads.get(writing.connection, chat)? else {
        return Ok(Written::Refused(Why::NoSuchChat));
    };
    if new.if_cseq.is_some_and(|seen| seen != log.head.cseq) {
        return Ok(Written::Refused(Why::Overtaken));
    }
    let record = number_change(writing, chat, log, &new.effect, (new.actor, new.at))?;
    let head = Head { seq: log.head.seq, cseq: record.cseq };
    writing.commits.push(Commit { chat, head, entry: CommitEntry::Change(record.kind) });
    Ok(Written::Noted(record))
}

/// Whether it was new: the author's client id decides.
fn insert(connection: &Connection, message: &Message) -> Result<bool> {
    let ((code, more), place) = (pack(message.kind, &message.parts), message.parts.place());
    let inserted = connection
        .prepare_cached(
            "INSERT INTO messages (chat_id, seq, cseq, message_id, author, client_id, kind, text, reply_to, subject, \
             created_at, more, uncounted, place_chat, place_seq) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
             ON CONFLICT (chat_id, author, client_id) DO NOTHING",
        )?
        .execute(params![
            message.chat.uuid().into_bytes(),
            message.seq,
            message.cseq,
            message.id.uuid().into_bytes(),
            message.author.uuid().into_bytes(),
            message.client_id.as_str(),
            code,
            message.text,
            message.reply_to,
            message.subject.map(|user| user.uuid().into_bytes()),
            message.created_at.micros(),
            more,
            message.uncounted(),
            place.map(|place| place.chat.uuid().into_bytes()),
            place.map(|place| place.seq),
        ])?;
    Ok(inserted > 0)
}

fn repeated(connection: &Connection, message: &Message) -> Result<Written> {
    by_client_id(connection, message.chat, message.author, &message.client_id)?
        .map(Written::Repeated)
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

/// Numbers a revision, and writes the message as it is after it.
fn revise(
    writing: &mut Writing<'_>,
    chat: ChatId,
    seq: i64,
    if_cseq: Option<i64>,
    revision: &Revision,
    (actor, at): (UserId, Timestamp),
) -> Result<Written> {
    let Some(log) = writing.heads.get(writing.connection, chat)? else {
        return Ok(Written::Refused(Why::NoSuchChat));
    };
    let Some(before) = find(writing.connection, chat, seq)? else {
        return Ok(Written::Refused(Why::NoSuchMessage));
    };
    let sets = sets(writing.connection, chat, seq, revision)?;
    let mut now = match revision.applied(&before, &sets, if_cseq, at) {
        Ok(now) => now,
        Err(answer) => return Ok(answer),
    };
    let (kind, at) = (revision.of(seq), now.edited_at.unwrap_or(at).max(at));
    now.cseq = number_change(writing, chat, log, &kind.into(), (actor, at))?.cseq;
    update(writing.connection, &now)?;
    match revision {
        Revision::Edit { .. } => put_aside(writing.connection, &before, now.cseq, at)?,
        Revision::Delete => forget_history(writing.connection, chat, seq)?,
        Revision::Reactions | Revision::Pin => {}
    }
    let head = Head { seq: log.head.seq, cseq: now.cseq };
    writing.commits.push(Commit { chat, head, entry: CommitEntry::Revision(kind, now.clone()) });
    Ok(Written::Revised(now))
}

/// What a revision takes from the sets of a message.
fn sets(connection: &Connection, chat: ChatId, seq: i64, revision: &Revision) -> Result<Sets> {
    let mut sets = Sets::default();
    match revision {
        Revision::Reactions => sets.reactions = reactions::summary(connection, chat, seq)?,
        Revision::Pin => sets.pinned = pins::is_pinned(connection, chat, seq)?,
        Revision::Edit { .. } | Revision::Delete => {}
    }
    Ok(sets)
}

fn update(connection: &Connection, message: &Message) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE messages SET cseq = ?3, text = ?4, more = ?5, edited_at = ?6, deleted = ?7, reactions = ?8, \
             pinned = ?9 \
             WHERE chat_id = ?1 AND seq = ?2",
        )?
        .execute(params![
            message.chat.uuid().into_bytes(),
            message.seq,
            message.cseq,
            message.text,
            pack(message.kind, &message.parts).1,
            message.edited_at.map(Timestamp::micros),
            message.deleted,
            row::reactions_text(&message.reactions),
            message.pinned.then_some(true),
        ])?;
    Ok(())
}

fn put_aside(connection: &Connection, before: &Message, cseq: i64, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO editions (chat_id, seq, cseq, text, replaced_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![before.chat.uuid().into_bytes(), before.seq, cseq, before.text, at.micros()])?;
    Ok(())
}

fn forget_history(connection: &Connection, chat: ChatId, seq: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM editions WHERE chat_id = ?1 AND seq = ?2")?
        .execute(params![chat.uuid().into_bytes(), seq])?;
    Ok(())
}

fn number_change(
    writing: &mut Writing<'_>,
    chat: ChatId,
    log: LogHead,
    effect: &Effect,
    (actor, at): (UserId, Timestamp),
) -> Result<ChangeRecord> {
    let cseq = log.head.cseq + 1;
    let (code, about) = effect.kind.parts();
    writing
        .connection
        .prepare_cached(
            "INSERT INTO changes (chat_id, cseq, kind, about_seq, about_user, actor, at, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            chat.uuid().into_bytes(),
            cseq,
            code,
            about.message(),
            about.person().map(|user| user.uuid().into_bytes()),
            actor.uuid().into_bytes(),
            at.micros(),
            effect.body,
        ])?;
    let head = Head { seq: log.head.seq, cseq };
    let ruled = if effect.kind == ChangeKind::ChatChanged {
        rule(writing.connection, chat, cseq)?
    } else {
        log.ruled
    };
    writing.heads.set(chat, LogHead { head, ruled, ..log });
    Ok(ChangeRecord { cseq, kind: effect.kind, actor, at, body: effect.body.clone() })
}

/// The log's newest change of the chat's settings is this one.
fn rule(connection: &Connection, chat: ChatId, cseq: i64) -> Result<i64> {
    connection
        .prepare_cached("UPDATE chats SET ruled_cseq = ?2 WHERE chat_id = ?1")?
        .execute(params![chat.uuid().into_bytes(), cseq])?;
    Ok(cseq)
}

fn change(found: &Row<'_>) -> Result<ChangeRecord> {
    let about = About::columns(found.get(2)?, row::optional_user(found, 3)?);
    Ok(ChangeRecord {
        cseq: found.get(0)?,
        kind: ChangeKind::from_parts(row::code(found, 1)?, about),
        actor: row::user(found, 4)?,
        at: row::time(found, 5)?,
        body: found.get(6)?,
    })
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
