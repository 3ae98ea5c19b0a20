use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{ChatId, UserId};
use petit_ports::{Above, Marked, ReadMarkerStore, StoreError, Unread};

use crate::{
    engine::Engine,
    log::{
        pages::{deleted_above, uncounted_at},
        state::{LogState, state},
    },
    memory::{Newest, Read},
    raised::raised,
    row::register,
    statement::Cql,
    store::ScyllaStore,
};

static MARKER: Cql = Cql::read(
    "SELECT seq, uncounted, writetime(uncounted) FROM read_markers WHERE chat_id = ? AND user_id = ?",
);

#[async_trait]
impl ReadMarkerStore for ScyllaStore {
    async fn mark(&self, chat: ChatId, user: UserId, seq: i64) -> Result<Marked, StoreError> {
        let engine = &self.engine;
        let (before, uncounted) = tokio::join!(marker(engine, chat, user), uncounted_at(engine, chat, seq));
        let before = before?;
        if before.seq >= seq {
            return Ok(Marked { seq: before.seq, moved: false });
        }
        raise(engine, chat, user, Read { seq, uncounted: uncounted? }).await?;
        Ok(Marked { seq, moved: true })
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<i64, StoreError> {
        Ok(marker(&self.engine, chat, user).await?.seq)
    }

    async fn unread(&self, chat: ChatId, user: UserId) -> Result<Option<Unread>, StoreError> {
        let (log, read) = tokio::join!(state(&self.engine, chat), marker(&self.engine, chat, user));
        match log? {
            Some(log) => unread(&self.engine, chat, &log, read?).await.map(Some),
            None => Ok(None),
        }
    }
}

/// What is above a marker. Nothing more is read for it, unless something above was deleted, or the marker does not say
/// how much counts up to it.
pub(crate) async fn unread(
    engine: &Engine,
    chat: ChatId,
    log: &LogState,
    read: Read,
) -> Result<Unread, StoreError> {
    let uncounted = async {
        match read.uncounted {
            None if read.seq < log.head.seq => uncounted_at(engine, chat, read.seq).await,
            known => Ok(known),
        }
    };
    let (uncounted, deleted) = tokio::join!(uncounted, deleted_above(engine, chat, log, read.seq));
    let above = Above {
        head_seq: log.head.seq,
        head_uncounted: log.uncounted,
        read_seq: read.seq,
        read_uncounted: uncounted?,
        deleted: deleted?,
    };
    Ok(above.unread())
}

/// What is told here is in the store, so that nobody who is told by another process sees it fall.
pub(crate) async fn marker(engine: &Engine, chat: ChatId, user: UserId) -> Result<Read, StoreError> {
    if let Some(read) = engine.senders.waiting(chat, user) {
        raise(engine, chat, user, read).await?;
        engine.senders.written(chat, &Newest::from([(user, read)]));
    }
    type Found = (Option<i64>, Option<i64>, Option<i64>);
    let found = engine.row::<Found>(&MARKER, (chat.uuid(), user.uuid())).await?;
    let Some((Some(seq), uncounted, written)) = found else {
        return Ok(Read { seq: -1, uncounted: Some(0) });
    };
    // An older version moves the number alone: what stands beside it then is of another time.
    let uncounted = uncounted.filter(|_| written == Some(register(seq)));
    Ok(Read { seq, uncounted })
}

/// −1 is what is there without a row.
pub(crate) async fn raise(engine: &Engine, chat: ChatId, user: UserId, read: Read) -> Result<(), StoreError> {
    if read.seq < 0 {
        return Ok(());
    }
    engine.write_all(vec![raised(chat, user, read)]).await
}

/// Raises the markers of people up to a message that is found in the log.
pub(crate) async fn raise_all(
    engine: &Engine,
    chat: ChatId,
    people: impl Iterator<Item = (UserId, i64)>,
) -> Result<(), StoreError> {
    let raises = people.map(|(user, seq)| async move {
        let uncounted = uncounted_at(engine, chat, seq).await?;
        raise(engine, chat, user, Read { seq, uncounted }).await
    });
    try_join_all(raises).await.map(drop)
}
