use async_trait::async_trait;
use petit_domain::{ChatId, UserId};
use petit_ports::{Marked, ReadMarkerStore, StoreError};

pub(crate) use crate::memory::{Newest, PACE};
use crate::{
    engine::{Bound, Engine},
    row::register,
    statement::Cql,
    store::ScyllaStore,
};

/// A register whose write time is its value: the highest number stays, in whatever order they come.
static MARK: Cql =
    Cql::write("UPDATE read_markers USING TIMESTAMP ? SET seq = ? WHERE chat_id = ? AND user_id = ?");
static MARKER: Cql = Cql::read("SELECT seq FROM read_markers WHERE chat_id = ? AND user_id = ?");

#[async_trait]
impl ReadMarkerStore for ScyllaStore {
    async fn mark(&self, chat: ChatId, user: UserId, seq: i64) -> Result<Marked, StoreError> {
        let before = marker(&self.engine, chat, user).await?;
        if before >= seq {
            return Ok(Marked { seq: before, moved: false });
        }
        raise(&self.engine, chat, user, seq).await?;
        Ok(Marked { seq, moved: true })
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<i64, StoreError> {
        marker(&self.engine, chat, user).await
    }
}

/// What is told here is in the store, so that nobody who is told by another process sees it fall.
pub(crate) async fn marker(engine: &Engine, chat: ChatId, user: UserId) -> Result<i64, StoreError> {
    if let Some(seq) = engine.senders.waiting(chat, user) {
        raise(engine, chat, user, seq).await?;
        engine.senders.written(chat, &Newest::from([(user, seq)]));
    }
    let found = engine.row::<(Option<i64>,)>(&MARKER, (chat.uuid(), user.uuid())).await?;
    Ok(found.and_then(|(seq,)| seq).unwrap_or(-1))
}

/// −1 is what is there without a row.
pub(crate) async fn raise(engine: &Engine, chat: ChatId, user: UserId, seq: i64) -> Result<(), StoreError> {
    if seq < 0 {
        return Ok(());
    }
    engine.write_all(vec![raised(chat, user, seq)]).await
}

/// The write that raises a marker to a number.
pub(crate) fn raised(chat: ChatId, user: UserId, seq: i64) -> Bound {
    Bound::new(&MARK, (register(seq), seq, chat.uuid(), user.uuid()))
}
