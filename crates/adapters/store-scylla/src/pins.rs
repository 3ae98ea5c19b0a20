//! Pins: those of a chat are one partition, changed by conditional batches under a version.

use async_trait::async_trait;
use petit_domain::{ChatId, MOST_PINS, Timestamp, UserId};
use petit_ports::{Change, Pin, PinStore, Pinned, StoreError};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    error::store_error,
    handle::ScyllaHandle,
    statement::Cql,
    store::ScyllaStore,
};

static STATE: Cql = Cql::serial("SELECT ver, seq, by_user, at FROM pins WHERE chat_id = ?");
static ALL: Cql = Cql::read("SELECT ver, seq, by_user, at FROM pins WHERE chat_id = ?");
static ONE: Cql = Cql::serial("SELECT at FROM pins WHERE chat_id = ? AND seq = ?");
static START: Cql = Cql::lwt("UPDATE pins SET ver = ? WHERE chat_id = ? IF ver = null");
static NEXT: Cql = Cql::lwt("UPDATE pins SET ver = ? WHERE chat_id = ? IF ver = ?");
static PUT: Cql = Cql::lwt("INSERT INTO pins (chat_id, seq, by_user, at) VALUES (?, ?, ?, ?)");
static TAKE: Cql = Cql::lwt("DELETE FROM pins WHERE chat_id = ? AND seq = ?");

/// How often it is looked again because another process was quicker.
const LOOKS: u32 = 32;
const LANES: usize = 16;

/// Those of one process who change the pins of a chat do so one after the other: they would only get in each other's way.
#[derive(Default)]
pub(crate) struct Lanes([Mutex<()>; LANES]);

impl Lanes {
    async fn enter(&self, chat: ChatId) -> MutexGuard<'_, ()> {
        self.0[(chat.uuid().as_u128() % LANES as u128) as usize].lock().await
    }
}

#[async_trait]
impl PinStore for ScyllaStore {
    async fn add(&self, chat: ChatId, pin: &Pin) -> Result<Pinned, StoreError> {
        let _lane = self.pins.enter(chat).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, chat).await?;
            if state.pins.iter().any(|one| one.seq == pin.seq) {
                return Ok(Pinned::AlreadySo);
            }
            if state.pins.len() >= MOST_PINS {
                return Ok(Pinned::TooMany);
            }
            if state.go_on(&self.engine, chat, vec![put(chat, pin)]).await? {
                return Ok(Pinned::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn remove(&self, chat: ChatId, seq: i64) -> Result<Change, StoreError> {
        let _lane = self.pins.enter(chat).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, chat).await?;
            if state.pins.iter().all(|one| one.seq != seq) {
                return Ok(Change::AlreadySo);
            }
            if state.go_on(&self.engine, chat, vec![Bound::new(&TAKE, (chat.uuid(), seq))]).await? {
                return Ok(Change::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn is_pinned(&self, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
        is_pinned(&self.engine, chat, seq).await
    }

    async fn list(&self, chat: ChatId) -> Result<Vec<Pin>, StoreError> {
        let mut pins = pins_of(self.engine.rows(&ALL, (chat.uuid(),)).await?);
        pins.sort_unstable_by_key(|pin| std::cmp::Reverse((pin.at, pin.seq)));
        Ok(pins)
    }
}

impl ScyllaHandle {
    /// Takes in what is pinned in a chat. Again is fine.
    ///
    /// # Errors
    /// If the engine does not answer, or somebody pins meanwhile.
    pub async fn import_pins(&self, chat: ChatId, pins: &[Pin]) -> Result<(), StoreError> {
        let (engine, state) = (&self.0.engine, State::read(&self.0.engine, chat).await?);
        if pins.is_empty()
            || state.go_on(engine, chat, pins.iter().map(|pin| put(chat, pin)).collect()).await?
        {
            return Ok(());
        }
        Err(StoreError::Inconsistent(format!("somebody pins in {chat} already")))
    }
}

/// Settles what was begun before, and reads.
pub(crate) async fn is_pinned(engine: &Engine, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
    Ok(engine.row::<(Option<i64>,)>(&ONE, (chat.uuid(), seq)).await?.is_some())
}

/// The pins of a chat, and how often they were changed; `None`: never.
struct State {
    ver: Option<i64>,
    pins: Vec<Pin>,
}

/// What all rows share comes alone where there is no row.
type Row = (Option<i64>, Option<i64>, Option<Uuid>, Option<i64>);

impl State {
    /// Settles what was begun before, and reads.
    async fn read(engine: &Engine, chat: ChatId) -> Result<Self, StoreError> {
        let rows: Vec<Row> = engine.rows(&STATE, (chat.uuid(),)).await?;
        Ok(Self { ver: rows.first().and_then(|row| row.0), pins: pins_of(rows) })
    }

    /// Changes them, if nobody did since. Whether they are changed.
    async fn go_on(&self, engine: &Engine, chat: ChatId, mut writes: Vec<Bound>) -> Result<bool, StoreError> {
        let (ver, chat) = (self.ver.unwrap_or(0) + 1, chat.uuid());
        writes.push(match self.ver {
            None => Bound::new(&START, (ver, chat)),
            Some(before) => Bound::new(&NEXT, (ver, chat, before)),
        });
        engine.batch(writes).await.map_err(store_error)
    }
}

fn pins_of(rows: Vec<Row>) -> Vec<Pin> {
    let pin = |(_, seq, by, at): Row| {
        Some(Pin { seq: seq?, by: UserId::from_uuid(by?), at: Timestamp::from_micros(at?) })
    };
    rows.into_iter().filter_map(pin).collect()
}

fn put(chat: ChatId, pin: &Pin) -> Bound {
    Bound::new(&PUT, (chat.uuid(), pin.seq, pin.by.uuid(), pin.at.micros()))
}
