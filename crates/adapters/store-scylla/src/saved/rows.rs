use petit_domain::{ChatId, Timestamp, UserId};
use petit_ports::{Saved, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    error::store_error,
    statement::Cql,
};

static STATE: Cql = Cql::serial("SELECT ver, chat_id, seq, at FROM saved WHERE user_id = ?");
static ALL: Cql = Cql::read("SELECT ver, chat_id, seq, at FROM saved WHERE user_id = ?");
static START: Cql = Cql::lwt("UPDATE saved SET ver = ? WHERE user_id = ? IF ver = null");
static NEXT: Cql = Cql::lwt("UPDATE saved SET ver = ? WHERE user_id = ? IF ver = ?");
static PUT: Cql = Cql::lwt("INSERT INTO saved (user_id, chat_id, seq, at) VALUES (?, ?, ?, ?)");
static TAKE: Cql = Cql::lwt("DELETE FROM saved WHERE user_id = ? AND chat_id = ? AND seq = ?");

/// What a person saved, and how often that was changed; `None`: never.
pub(super) struct State {
    ver: Option<i64>,
    pub(super) saved: Vec<Saved>,
}

/// What all rows share comes alone where there is no row.
type Row = (Option<i64>, Option<Uuid>, Option<i64>, Option<i64>);

impl State {
    /// Settles what was begun before, and reads.
    pub(super) async fn read(engine: &Engine, user: UserId) -> Result<Self, StoreError> {
        let rows: Vec<Row> = engine.rows(&STATE, (user.uuid(),)).await?;
        Ok(Self { ver: rows.first().and_then(|row| row.0), saved: saved_of(rows) })
    }

    pub(super) fn find(&self, chat: ChatId, seq: i64) -> Option<&Saved> {
        self.saved.iter().find(|one| one.chat == chat && one.seq == seq)
    }

    /// Changes it, if nobody did since. Whether it is changed.
    pub(super) async fn go_on(
        &self,
        engine: &Engine,
        user: UserId,
        write: Bound,
    ) -> Result<bool, StoreError> {
        let (ver, user) = (self.ver.unwrap_or(0) + 1, user.uuid());
        let step = match self.ver {
            None => Bound::new(&START, (ver, user)),
            Some(before) => Bound::new(&NEXT, (ver, user, before)),
        };
        engine.batch(vec![write, step]).await.map_err(store_error)
    }
}

/// As it can be read now.
pub(super) async fn all(engine: &Engine, user: UserId) -> Result<Vec<Saved>, StoreError> {
    Ok(saved_of(engine.rows(&ALL, (user.uuid(),)).await?))
}

fn saved_of(rows: Vec<Row>) -> Vec<Saved> {
    let saved = |(_, chat, seq, at): Row| {
        Some(Saved { chat: ChatId::from_uuid(chat?), seq: seq?, at: Timestamp::from_micros(at?) })
    };
    rows.into_iter().filter_map(saved).collect()
}

pub(super) fn put(user: UserId, saved: &Saved) -> Bound {
    Bound::new(&PUT, (user.uuid(), saved.chat.uuid(), saved.seq, saved.at.micros()))
}

pub(super) fn take(user: UserId, chat: ChatId, seq: i64) -> Bound {
    Bound::new(&TAKE, (user.uuid(), chat.uuid(), seq))
}
