use async_trait::async_trait;
use petit_domain::{ChatId, ChatName, ChatRecord, Head, MemberRecord, Timestamp, UserId, fold};
use petit_ports::{Change, ChatPosition, ChatStore, ChatView, OpenPosition, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{
    choices::{self, CHOICES},
    log, members,
    read_markers::{self, above_sql},
    row::{self, CHAT, MEMBER},
    store::{SqliteStore, change},
};

#[async_trait]
impl ChatStore for SqliteStore {
    async fn create(&self, chat: &ChatRecord, members: &[MemberRecord]) -> Result<Change, StoreError> {
        let (chat, members) = (chat.clone(), members.to_vec());
        self.write(move |writing| create(writing.connection, &chat, &members)).await
    }

    async fn claim_direct(&self, a: UserId, b: UserId, candidate: ChatId) -> Result<ChatId, StoreError> {
        let (low, high) = (a.min(b).uuid().into_bytes(), a.max(b).uuid().into_bytes());
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached("INSERT INTO direct_chats (low, high, chat_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute([low, high, candidate.uuid().into_bytes()])?;
            writing
                .connection
                .prepare_cached("SELECT chat_id FROM direct_chats WHERE low = ?1 AND high = ?2")?
                .query_row([low, high], |found| row::chat_id(found, 0))
        })
        .await
    }

    async fn get(&self, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("SELECT {CHAT} FROM chats c WHERE c.chat_id = ?1"))?
                .query_row([chat.uuid().into_bytes()], row::chat)
                .optional()
        })
    }

    async fn list_for(
        &self,
        user: UserId,
        archived: bool,
        until: Timestamp,
        after: Option<&ChatPosition>,
        limit: usize,
    ) -> Result<Vec<ChatView>, StoreError> {
        self.read(|connection| list_for(connection, (user, archived), until, after, limit))
    }

    async fn find_for(&self, user: UserId, chat: ChatId) -> Result<Option<ChatView>, StoreError> {
        self.read(|connection| {
            let sql = format!("{} AND m.chat_id = ?2", view_sql());
            let values = [user.uuid().into_bytes(), chat.uuid().into_bytes()];
            let found = connection.prepare_cached(&sql)?.query_row(values, bare_view).optional()?;
            found.map(|view| with_last_message(connection, view)).transpose()
        })
    }

    async fn heads_for(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT c.chat_id, c.head_seq, c.head_cseq FROM members m JOIN chats c ON c.chat_id = m.chat_id \
                     WHERE m.user_id = ?1",
                )?
                .query_map([user.uuid().into_bytes()], |found| {
                    Ok((row::chat_id(found, 0)?, Head { seq: found.get(1)?, cseq: found.get(2)? }))
                })?
                .collect()
        })
    }

    async fn list_open(
        &self,
        prefix: &str,
        after: Option<&OpenPosition>,
        limit: usize,
    ) -> Result<Vec<ChatRecord>, StoreError> {
        let (name, id) = match after {
            Some((name, id)) if name.as_str() >= prefix => (name.as_str(), id.uuid().into_bytes()),
            _ => (prefix, [0; 16]),
        };
        let beyond = format!("{prefix}\u{10ffff}");
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {CHAT} FROM chats c WHERE c.kind = 2 AND (c.name_folded, c.chat_id) > (?1, ?2) \
                     AND c.name_folded < ?3 ORDER BY c.name_folded, c.chat_id LIMIT ?4"
                ))?
                .query_map(params![name, id, beyond, limit as i64], row::chat)?
                .collect()
        })
    }

    async fn list_all(&self, after: Option<ChatId>, limit: usize) -> Result<Vec<ChatId>, StoreError> {
        let after = after.map(|chat| chat.uuid().into_bytes()).unwrap_or_default();
        self.read(|connection| {
            connection
                .prepare_cached("SELECT chat_id FROM chats WHERE chat_id > ?1 ORDER BY chat_id LIMIT ?2")?
                .query_map(params![after, limit as i64], |found| row::chat_id(found, 0))?
                .collect()
        })
    }
}

fn create(connection: &Connection, chat: &ChatRecord, members: &[MemberRecord]) -> Result<Change> {
    let made = put(connection, chat)?;
    // A version that put members in one by one may have left a chat behind that nobody ever was in.
    if made == Change::Done || is_untouched(connection, chat.id)? {
        members.iter().try_for_each(|member| members::put(connection, member))?;
    }
    Ok(made)
}

fn is_untouched(connection: &Connection, chat: ChatId) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT head_seq = -1 AND head_cseq = -1 AND member_count = 0 FROM chats WHERE chat_id = ?1",
        )?
        .query_row([chat.uuid().into_bytes()], |found| found.get(0))
}

fn put(connection: &Connection, chat: &ChatRecord) -> Result<Change> {
    let name = chat.name.as_ref().map(ChatName::as_str);
    let (code, kind_name) = chat.kind.parts();
    connection
        .prepare_cached(
            "INSERT INTO chats (chat_id, kind, kind_name, name, name_folded, created_by, created_at, last_message_at, \
             applied_cseq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, -1) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            chat.id.uuid().into_bytes(),
            code,
            kind_name,
            name,
            name.map(fold),
            chat.created_by.uuid().into_bytes(),
            chat.created_at.micros(),
        ])
        .map(change)
}

/// [`petit_domain::Choices::unread_above`] of marker `r` and choices `h`, neither of which need be there.
const UNREAD_ABOVE: &str = "min(coalesce(r.seq, -1), \
     CASE WHEN h.marked_seq >= coalesce(r.seq, -1) THEN h.unread_from - 1 ELSE coalesce(r.seq, -1) END)";

/// Chats of person ?1, each with the membership, the read marker, their choices and one other member of a direct chat.
fn view_sql() -> String {
    let above = above_sql(UNREAD_ABOVE);
    format!(
        "SELECT {CHAT}, {MEMBER}, {above}, CASE WHEN c.kind = 0 THEN coalesce( \
         (SELECT o.user_id FROM members o WHERE o.chat_id = c.chat_id AND o.user_id <> ?1 LIMIT 1), ?1) END, \
         coalesce(r.seq, -1), {CHOICES} FROM members m JOIN chats c ON c.chat_id = m.chat_id \
         LEFT JOIN choices h ON h.user_id = m.user_id AND h.chat_id = m.chat_id \
         LEFT JOIN read_markers r ON r.chat_id = m.chat_id AND r.user_id = m.user_id WHERE m.user_id = ?1"
    )
}

/// [`petit_ports::active_at`], up to time ?5.
const ACTIVE_AT: &str = "CASE WHEN c.last_message_at <= ?5 THEN c.last_message_at \
     WHEN c.created_at <= ?5 THEN c.created_at ELSE 0 END";

/// A person is in some hundreds of chats at most: sorting them when asked costs less than keeping every
/// member's list sorted at every message.
fn list_for(
    connection: &Connection,
    (user, archived): (UserId, bool),
    until: Timestamp,
    after: Option<&ChatPosition>,
    limit: usize,
) -> Result<Vec<ChatView>> {
    let sql = format!(
        "{} AND (c.archived IS NOT NULL) = ?6 AND ({ACTIVE_AT}, c.chat_id) < (?2, ?3) ORDER BY {ACTIVE_AT} DESC, c.chat_id DESC LIMIT ?4",
        view_sql()
    );
    let (at, id) = after.map_or((i64::MAX, [0xff; 16]), |(at, id)| (at.micros(), id.uuid().into_bytes()));
    let views: Vec<ChatView> = connection
        .prepare_cached(&sql)?
        .query_map(
            params![user.uuid().into_bytes(), at, id, limit as i64, until.micros(), archived],
            bare_view,
        )?
        .collect::<Result<_>>()?;
    views.into_iter().map(|view| with_last_message(connection, view)).collect()
}

fn bare_view(found: &Row<'_>) -> Result<ChatView> {
    Ok(ChatView {
        chat: row::chat(found)?,
        member: row::member(found, 12)?,
        marker: found.get(23)?,
        read: read_markers::above(found, 17)?.unread(),
        choices: choices::choices(found, 24)?,
        last_message: None,
        peer: row::optional_user(found, 22)?,
    })
}

fn with_last_message(connection: &Connection, mut view: ChatView) -> Result<ChatView> {
    view.last_message = log::find(connection, view.chat.id, view.chat.head.seq)?;
    Ok(view)
}
