//! The rows of a set: a message is one partition, with its summary and a version that every change raises beside them. What
//! a person did is mirrored in a partition of theirs, under the version of the set as the write time.

use petit_domain::{ChatId, Emoji, Reactions, Timestamp, UserId};
use petit_ports::{ReactionRecord, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    row::{register, unset},
    statement::Cql,
};

static STATE: Cql = Cql::serial("SELECT ver, summary FROM reactions WHERE chat_id = ? AND seq = ? LIMIT 1");
static SUMMARY: Cql = Cql::read("SELECT summary FROM reactions WHERE chat_id = ? AND seq = ? LIMIT 1");
static START: Cql =
    Cql::lwt("UPDATE reactions SET ver = ?, summary = ? WHERE chat_id = ? AND seq = ? IF ver = null");
static NEXT: Cql =
    Cql::lwt("UPDATE reactions SET ver = ?, summary = ? WHERE chat_id = ? AND seq = ? IF ver = ?");
static PUT: Cql =
    Cql::lwt("INSERT INTO reactions (chat_id, seq, emoji, user_id, at, shown) VALUES (?, ?, ?, ?, ?, ?)");
static TAKE: Cql =
    Cql::lwt("DELETE FROM reactions WHERE chat_id = ? AND seq = ? AND emoji = ? AND user_id = ?");
static WHO: Cql =
    Cql::read("SELECT user_id FROM reactions WHERE chat_id = ? AND seq = ? AND emoji = ? AND user_id IN ?");
static SOME: Cql =
    Cql::read("SELECT user_id FROM reactions WHERE chat_id = ? AND seq = ? AND emoji = ? LIMIT ?");
static MIRROR: Cql = Cql::write(
    "INSERT INTO own_reactions (chat_id, user_id, seq, emoji) VALUES (?, ?, ?, ?) USING TIMESTAMP ?",
);
static UNMIRROR: Cql = Cql::write(
    "DELETE FROM own_reactions USING TIMESTAMP ? WHERE chat_id = ? AND user_id = ? AND seq = ? AND emoji = ?",
);

/// Which message.
pub(super) type Place = (ChatId, i64);

/// What a set says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// How often it was changed; `None`: never.
    pub(super) ver: Option<i64>,
    pub(super) summary: Reactions,
}

impl State {
    pub(super) fn next_ver(&self) -> i64 {
        self.ver.unwrap_or(0) + 1
    }
}

/// What only a newer version can read counts as none.
fn parsed(text: Option<String>) -> Reactions {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

pub(super) fn text(summary: &Reactions) -> Result<String, StoreError> {
    serde_json::to_string(summary).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// Settles what was begun before, and reads.
pub(super) async fn state(engine: &Engine, (chat, seq): Place) -> Result<State, StoreError> {
    let found = engine.row::<(Option<i64>, Option<String>)>(&STATE, (chat.uuid(), seq)).await?;
    Ok(found.map_or_else(State::default, |(ver, summary)| State { ver, summary: parsed(summary) }))
}

pub(crate) async fn summary(engine: &Engine, (chat, seq): Place) -> Result<Reactions, StoreError> {
    let found = engine.row::<(Option<String>,)>(&SUMMARY, (chat.uuid(), seq)).await?;
    Ok(parsed(found.and_then(|(summary,)| summary)))
}

/// The statement that the others of a change go with.
pub(super) fn advance((chat, seq): Place, before: &State, summary: &Reactions) -> Result<Bound, StoreError> {
    let (ver, summary, chat) = (before.next_ver(), text(summary)?, chat.uuid());
    Ok(match before.ver {
        None => Bound::new(&START, (ver, summary, chat, seq)),
        Some(before) => Bound::new(&NEXT, (ver, summary, chat, seq, before)),
    })
}

pub(super) fn put((chat, seq): Place, new: &ReactionRecord) -> Bound {
    let shown = unset(new.shown.as_ref().map(|shown| shown.as_str().to_owned()));
    let values = (chat.uuid(), seq, new.emoji.as_str().to_owned(), new.user.uuid(), new.at.micros(), shown);
    Bound::new(&PUT, values)
}

pub(super) fn take((chat, seq): Place, emoji: &Emoji, user: UserId) -> Bound {
    Bound::new(&TAKE, (chat.uuid(), seq, emoji.as_str().to_owned(), user.uuid()))
}

/// What a person's own partition says as of a version of the set.
pub(super) fn mirror((chat, seq): Place, (emoji, user): (&Emoji, UserId), ver: i64, is_on: bool) -> Bound {
    let (chat, user, emoji, at) = (chat.uuid(), user.uuid(), emoji.as_str().to_owned(), register(ver));
    match is_on {
        true => Bound::new(&MIRROR, (chat, user, seq, emoji, at)),
        false => Bound::new(&UNMIRROR, (at, chat, user, seq, emoji)),
    }
}

/// Which of these people reacted with this emoji.
pub(super) async fn who(
    engine: &Engine,
    (chat, seq): Place,
    emoji: &Emoji,
    of: Vec<Uuid>,
) -> Result<Vec<UserId>, StoreError> {
    let found = engine.rows::<(Uuid,)>(&WHO, (chat.uuid(), seq, emoji.as_str(), of)).await?;
    Ok(found.into_iter().map(|(user,)| UserId::from_uuid(user)).collect())
}

/// So many of those who reacted with this emoji.
pub(super) async fn some(
    engine: &Engine,
    (chat, seq): Place,
    emoji: &Emoji,
    limit: usize,
) -> Result<Vec<UserId>, StoreError> {
    let values = (chat.uuid(), seq, emoji.as_str(), limit as i32);
    let found = engine.rows::<(Uuid,)>(&SOME, values).await?;
    Ok(found.into_iter().map(|(user,)| UserId::from_uuid(user)).collect())
}

pub(super) type Row = (String, Uuid, i64, Option<String>);

pub(super) fn record((emoji, user, at, shown): Row) -> ReactionRecord {
    ReactionRecord {
        emoji: Emoji::stored(emoji),
        user: UserId::from_uuid(user),
        at: Timestamp::from_micros(at),
        shown: shown.map(Emoji::stored),
    }
}
