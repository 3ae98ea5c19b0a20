//! Where a chat's log is: which part is written now, and its head.

use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::StoreError;

use super::rows::{HEAD, HEAD_SERIAL, OPEN, ruled};
use crate::{engine::Engine, row::register, sequencer::Known, statement::Cql};

static HINT: Cql = Cql::read("SELECT bucket FROM chat_buckets WHERE chat_id = ?");
static HINT_PUT: Cql = Cql::write("UPDATE chat_buckets USING TIMESTAMP ? SET bucket = ? WHERE chat_id = ?");

/// A chat's log as readers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogState {
    pub(crate) head: Head,
    pub(crate) last_at: Timestamp,
    pub(crate) bucket: i64,
    /// How many messages do not count. A part that an older version began says nothing, and begins at none.
    pub(crate) uncounted: i64,
    /// The highest number of a deleted message, −1 when none was.
    pub(crate) deleted: i64,
}

/// The log as a quorum has it; `None` if there is no such chat.
pub(crate) async fn state(engine: &Engine, chat: ChatId) -> Result<Option<LogState>, StoreError> {
    let found = newest(engine, chat, &HEAD).await?;
    Ok(found.map(|known| LogState {
        head: known.head,
        last_at: known.last_at,
        bucket: known.bucket,
        uncounted: known.head.seq + 1 - known.counted,
        deleted: known.deleted,
    }))
}

/// The log as a serial read has it, which settles what was begun before.
pub(super) async fn serial(engine: &Engine, chat: ChatId) -> Result<Option<Known>, StoreError> {
    newest(engine, chat, &HEAD_SERIAL).await
}

async fn newest(engine: &Engine, chat: ChatId, cql: &Cql) -> Result<Option<Known>, StoreError> {
    let mut bucket = match engine.buckets.get(chat) {
        Some(bucket) => bucket,
        None => {
            engine.row::<(Option<i64>,)>(&HINT, (chat.uuid(),)).await?.and_then(|found| found.0).unwrap_or(0)
        }
    };
    let Some(mut known) = part(engine, chat, bucket, cql).await? else { return Ok(None) };
    while known.is_sealed {
        let Some(next) = part(engine, chat, bucket + 1, cql).await? else { break };
        (known, bucket) = (next, bucket + 1);
    }
    engine.buckets.put(chat, bucket);
    Ok(Some(known))
}

async fn part(engine: &Engine, chat: ChatId, bucket: i64, cql: &Cql) -> Result<Option<Known>, StoreError> {
    type Found = (
        Option<i64>,
        Option<i64>,
        Option<bool>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let found = engine.row::<Found>(cql, (chat.uuid(), bucket)).await?;
    let Some((Some(seq), Some(cseq), sealed, Some(last_at), sent, uncounted, deleted, ruled)) = found else {
        return Ok(None);
    };
    Ok(Some(Known {
        head: Head { seq, cseq },
        last_at: Timestamp::from_micros(last_at),
        counted: seq + 1 - uncounted.unwrap_or(0),
        deleted: deleted.unwrap_or(-1),
        ruled: ruled.unwrap_or(-1),
        sent: sent.unwrap_or(-1),
        bucket,
        is_sealed: sealed.unwrap_or(false),
    }))
}

/// Opens the first part of a new chat's log. Again is fine.
pub(crate) async fn open(engine: &Engine, chat: ChatId, made_at: Timestamp) -> Result<(), StoreError> {
    let empty = Known {
        head: Head::EMPTY,
        last_at: made_at,
        counted: 0,
        deleted: -1,
        ruled: -1,
        sent: -1,
        bucket: -1,
        is_sealed: true,
    };
    open_after(engine, chat, &empty).await
}

/// Opens the part after a full one, with the heads carried over. Again is fine.
pub(super) async fn open_after(engine: &Engine, chat: ChatId, full: &Known) -> Result<(), StoreError> {
    let bucket = full.bucket + 1;
    let Head { seq, cseq } = full.head;
    let uncounted = seq + 1 - full.counted;
    let (last_at, ruled) = (full.last_at.micros(), ruled(full));
    let values = (seq, cseq, cseq, last_at, full.sent, uncounted, full.deleted, ruled, chat.uuid(), bucket);
    engine.applies(&OPEN, values).await?;
    if bucket > 0 {
        engine.run(&HINT_PUT, (register(bucket), bucket, chat.uuid())).await?;
    }
    engine.buckets.put(chat, bucket);
    Ok(())
}
