//! Rows and how entities are made of them. Private to this adapter.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, DisplayName, Head, MemberRecord, MemberRole, Message,
    MessageId, MessagePlace, Person, Reactions, ServerRole, SettingsRecord, Timestamp, UserId, Username,
    unpack,
};
use rusqlite::{Error, Result, Row, types::Type};
use uuid::Uuid;

/// The code of a kind or role. One that no version of ours writes is the highest.
pub(crate) fn code(row: &Row<'_>, column: usize) -> Result<u8> {
    Ok(u8::try_from(row.get::<_, i64>(column)?).unwrap_or(u8::MAX))
}

/// The code of a role, which has no name beside it.
pub(crate) fn server_role_code(role: ServerRole) -> u8 {
    role.parts().0
}

pub(crate) fn member_role_code(role: MemberRole) -> u8 {
    role.parts().0
}

pub(crate) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub(crate) fn user(row: &Row<'_>, column: usize) -> Result<UserId> {
    uuid(row, column).map(UserId::from_uuid)
}

pub(crate) fn optional_user(row: &Row<'_>, column: usize) -> Result<Option<UserId>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|id| UserId::from_uuid(Uuid::from_bytes(id))))
}

pub(crate) fn chat_id(row: &Row<'_>, column: usize) -> Result<ChatId> {
    uuid(row, column).map(ChatId::from_uuid)
}

pub(crate) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

pub(crate) fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
}

pub(crate) fn server_role(row: &Row<'_>, column: usize) -> Result<ServerRole> {
    Ok(ServerRole::from_parts(code(row, column)?, None))
}

/// A value that was checked when it entered; anything else means the file is damaged.
pub(crate) fn value<T: TryFrom<String>>(row: &Row<'_>, column: usize) -> Result<T>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    T::try_from(text).map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

pub(crate) fn username(row: &Row<'_>, column: usize) -> Result<Username> {
    value(row, column)
}

pub(crate) fn display_name(row: &Row<'_>, column: usize) -> Result<DisplayName> {
    value(row, column)
}

pub(crate) const PERSON: &str = "user_id, username, name, role";

pub(crate) fn person(row: &Row<'_>) -> Result<Person> {
    person_at(row, 0)
}

pub(crate) fn person_at(row: &Row<'_>, first: usize) -> Result<Person> {
    Ok(Person {
        id: user(row, first)?,
        username: username(row, first + 1)?,
        name: display_name(row, first + 2)?,
        role: server_role(row, first + 3)?,
    })
}

pub(crate) const CHAT: &str = "c.chat_id, c.kind, c.name, c.created_by, c.created_at, c.head_seq, c.head_cseq, \
     c.last_message_at, c.member_count, c.kind_name, c.settings, c.settings_cseq";

pub(crate) fn chat(row: &Row<'_>) -> Result<ChatRecord> {
    let (name, kind_name): (Option<String>, Option<String>) = (row.get(2)?, row.get(9)?);
    let bad = |error| Error::FromSqlConversionFailure(2, Type::Text, Box::new(error));
    Ok(ChatRecord {
        id: chat_id(row, 0)?,
        kind: ChatKind::from_parts(code(row, 1)?, kind_name.as_deref()),
        name: name.map(ChatName::try_from).transpose().map_err(bad)?,
        created_by: user(row, 3)?,
        created_at: time(row, 4)?,
        head: Head { seq: row.get(5)?, cseq: row.get(6)? },
        last_message_at: time(row, 7)?,
        member_count: row.get(8)?,
        settings: settings(row, 10)?,
    })
}

/// Settings and the number of their change, side by side.
pub(crate) fn settings(row: &Row<'_>, first: usize) -> Result<SettingsRecord> {
    Ok(SettingsRecord::stored(row.get_ref(first)?.as_str_or_null()?, row.get(first + 1)?))
}

pub(crate) const MEMBER: &str = "m.chat_id, m.user_id, m.role, m.joined_seq, m.joined_at";

pub(crate) fn member(row: &Row<'_>, first: usize) -> Result<MemberRecord> {
    Ok(MemberRecord {
        chat: chat_id(row, first)?,
        user: user(row, first + 1)?,
        role: MemberRole::from_parts(code(row, first + 2)?, None),
        joined_seq: row.get(first + 3)?,
        joined_at: time(row, first + 4)?,
    })
}

/// A summary of reactions. What only a newer version can read counts as none.
pub(crate) fn reactions(row: &Row<'_>, column: usize) -> Result<Reactions> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
}

/// What [`reactions`] reads; `None` for none.
pub(crate) fn reactions_text(reactions: &Reactions) -> Option<String> {
    if reactions.is_empty() { None } else { serde_json::to_string(reactions).ok() }
}

/// Nothing where an older version knew of none.
fn place(row: &Row<'_>, first: usize) -> Result<Option<MessagePlace>> {
    let Some(seq) = row.get(first + 1)? else { return Ok(None) };
    Ok(Some(MessagePlace { chat: chat_id(row, first)?, seq }))
}

pub(crate) const MESSAGE: &str = "message_id, chat_id, seq, cseq, author, kind, text, client_id, created_at, \
     edited_at, deleted, reply_to, subject, more, uncounted, reactions, pinned, place_chat, place_seq";

pub(crate) fn message(row: &Row<'_>) -> Result<Message> {
    let client_id: ClientId = value(row, 7)?;
    let (seq, uncounted): (i64, Option<i64>) = (row.get(2)?, row.get(14)?);
    // What an older version deleted has its reactions and its pin still.
    let deleted: bool = row.get(10)?;
    let more = row.get_ref(13)?.as_bytes_or_null()?;
    let damaged = |error| Error::FromSqlConversionFailure(13, Type::Blob, Box::new(error));
    let (kind, mut parts) = unpack(code(row, 5)?, more).map_err(damaged)?;
    if parts.forwarded.is_some() {
        parts.keep_place(place(row, 17)?);
    }
    Ok(Message {
        id: uuid(row, 0).map(MessageId::from_uuid)?,
        chat: chat_id(row, 1)?,
        seq,
        cseq: row.get(3)?,
        author: user(row, 4)?,
        kind,
        text: row.get(6)?,
        client_id,
        created_at: time(row, 8)?,
        edited_at: optional_time(row, 9)?,
        deleted,
        counted: uncounted.map(|uncounted| seq + 1 - uncounted),
        is_cut: false,
        pinned: !deleted && row.get::<_, Option<bool>>(16)?.unwrap_or(false),
        reactions: if deleted { Reactions::default() } else { reactions(row, 15)? },
        reply_to: row.get(11)?,
        subject: optional_user(row, 12)?,
        parts,
    })
}
