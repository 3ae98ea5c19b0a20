use petit_domain::{ChatId, Timestamp, UserId};
use petit_ports::{Pin, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    error::store_error,
    statement::Cql,
};

static STATE: Cql = Cql::serial("SELECT ver, seq, by_user, at FROM pins WHERE chat_id = ?");
static ALL: Cql = Cql::read("SELECT ver, seq, by_user, at FROM pins WHERE chat_id = ?");
static ONE: Cql = Cql::serial("SELECT at FROM pins WHERE chat_id = ? AND seq = ?");
static START: Cql = Cql::lwt("UPDATE pins SET ver = ? WHERE chat_id = ? IF ver = null");
static NEXT: Cql = Cql::lwt("UPDATE pins SET ver = ? WHERE chat_id = ? IF ver = ?");
static PUT: Cql = Cql::lwt("INSERT INTO pins (chat_id, seq, by_user, at) VALUES (?, ?, ?, ?)");
static TAKE: Cql = Cql::lwt("DELETE FROM pins WHERE chat_id = ? AND seq = ?");

/// Settles what was begun before, and reads.
pub(crate) async fn is_pinned(engine: &Engine, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
    Ok(engine.row::<(Option<i64>,)>(&ONE, (chat.uuid(), seq)).await?.is_some())
}

/// The pins of a chat, and how often they were changed; `None`: never.
pub(super) struct State {
    ver: Option<i64>,
    pub(super) pins: Vec<Pin>,
}

/// What all rows share comes alone where there is no row.
type Row = (Option<i64>, Option<i64>, Option<Uuid>, Option<i64>);

impl State {
    /// Settles what was begun before, and reads.
    pub(super) async fn read(engine: &Engine, chat: ChatId) -> Result<Self, StoreError> {
        let rows: Vec<Row> = engine.rows(&STATE, (chat.uuid(),)).await?;
        Ok(Self { ver: rows.first().and_then(|row| row.0), pins: pins_of(rows) })
    }

    /// Changes them, if nobody did since. Whether they are changed.
    pub(super) async fn go_on(
        &self,
        engine: &Engine,
        chat: ChatId,
        mut writes: Vec<Bound>,
    ) -> Result<bool, StoreError> {
        let (ver, chat) = (self.ver.unwrap_or(0) + 1, chat.uuid());
        writes.push(match self.ver {
            None => Bound::new(&START, (ver, chat)),
            Some(before) => Bound::new(&NEXT, (ver, chat, before)),
        });
        engine.batch(writes).await.map_err(store_error)
    }
}

/// As they can be read now.
pub(super) async fn all(engine: &Engine, chat: ChatId) -> Result<Vec<Pin>, StoreError> {
    Ok(pins_of(engine.rows(&ALL, (chat.uuid(),)).await?))
}

fn pins_of(rows: Vec<Row>) -> Vec<Pin> {
    let pin = |(_, seq, by, at): Row| {
        Some(Pin { seq: seq?, by: UserId::from_uuid(by?), at: Timestamp::from_micros(at?) })
    };
    rows.into_iter().filter_map(pin).collect()
}

pub(super) fn put(chat: ChatId, pin: &Pin) -> Bound {
    Bound::new(&PUT, (chat.uuid(), pin.seq, pin.by.uuid(), pin.at.micros()))
}

pub(super) fn take(chat: ChatId, seq: i64) -> Bound {
    Bound::new(&TAKE, (chat.uuid(), seq))
}
