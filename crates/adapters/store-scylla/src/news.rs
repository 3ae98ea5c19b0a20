//! News of logs for followers: a row for each chat that was written to lately, at most once a second, beside the
//! writing and not in its way. Rows stand in spans of five minutes that are never read again, so nobody reads over
//! what has expired. With the first news of a chat its place in the list of all chats is written too: chats that are
//! older than the list get into it.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::try_join_all;
use parking_lot::{Mutex, RwLock};
use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::{Clock, Commit, CommitObserver, StoreError, chat_shard};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    statement::Cql,
};

static PUT: Cql = Cql::write(
    "INSERT INTO follower_news (space, slot, span, shard, chat_id, seq, cseq) VALUES (?, ?, ?, ?, ?, ?, ?)",
);
static SPAN: Cql = Cql::read(
    "SELECT shard, chat_id, seq, cseq FROM follower_news WHERE space = ? AND slot = ? AND span = ?",
);
static LIST: Cql = Cql::write("INSERT INTO chats_by_shard (space, shard, chat_id) VALUES (?, ?, ?)");

/// Into how many partitions the news of a span falls.
const SLOTS: u16 = 8;
const SPAN_US: i64 = 300 * 1_000_000;
/// For how long after its end a span may still get news, or its writer's clock be late.
const GRACE_US: i64 = 30 * 1_000_000;
const PACE: Duration = Duration::from_secs(1);
/// When this many chats are known to be listed, all are forgotten: a bound, not a policy.
const REMEMBERED: usize = 200_000;

/// Hears of every commit of this process.
pub(crate) struct News {
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
    observer: RwLock<Option<Arc<dyn CommitObserver>>>,
}

#[derive(Default)]
struct Waiting {
    heads: HashMap<ChatId, Head>,
    listed: HashSet<ChatId>,
    is_written: bool,
}

/// An observer in the place of the one who observes.
pub(crate) struct Observer(pub(crate) Arc<News>);

impl CommitObserver for Observer {
    fn committed(&self, commit: Commit) {
        let (chat, head) = (commit.chat, commit.head);
        if let Some(observer) = self.0.observer.read().as_ref() {
            observer.committed(commit);
        }
        News::note(&self.0, chat, head);
    }
}

impl News {
    pub(crate) fn new(engine: Arc<Engine>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { engine, clock, waiting: Mutex::default(), observer: RwLock::default() })
    }

    pub(crate) fn tell(&self, observer: Arc<dyn CommitObserver>) {
        *self.observer.write() = Some(observer);
    }

    fn note(self: &Arc<Self>, chat: ChatId, head: Head) {
        let mut waiting = self.waiting.lock();
        waiting.heads.insert(chat, head);
        if !std::mem::replace(&mut waiting.is_written, true) {
            tokio::spawn(self.clone().write());
        }
    }

    /// Writes what waits, once a second, until nothing does.
    async fn write(self: Arc<Self>) {
        while let Some(rows) = self.take() {
            if let Err(error) = self.engine.write_all(rows).await {
                // Only a hint: followers look through all chats at times.
                tracing::debug!(%error, "could not write news of chats");
            }
            tokio::time::sleep(PACE).await;
        }
    }

    fn take(&self) -> Option<Vec<Bound>> {
        let mut waiting = self.waiting.lock();
        if waiting.heads.is_empty() {
            waiting.is_written = false;
            return None;
        }
        if waiting.listed.len() > REMEMBERED {
            waiting.listed.clear();
        }
        let (space, span) = (self.engine.space, span(self.clock.now()));
        let heads = std::mem::take(&mut waiting.heads);
        let mut rows = Vec::with_capacity(heads.len());
        for (chat, head) in heads {
            rows.push(news(space, span, chat, head));
            if waiting.listed.insert(chat) {
                rows.push(listed(space, chat));
            }
        }
        Some(rows)
    }
}

fn news(space: Uuid, span: i64, chat: ChatId, head: Head) -> Bound {
    let shard = chat_shard(chat);
    Bound::new(&PUT, (space, slot(shard), span, i32::from(shard), chat.uuid(), head.seq, head.cseq))
}

/// The write that puts a chat into the list of all chats.
pub(crate) fn listed(space: Uuid, chat: ChatId) -> Bound {
    Bound::new(&LIST, (space, i32::from(chat_shard(chat)), chat.uuid()))
}

fn slot(shard: u16) -> i32 {
    i32::from(shard % SLOTS)
}

fn span(now: Timestamp) -> i64 {
    now.micros() / SPAN_US
}

/// News of these shards, of this span and, at its beginning, of the one before.
pub(crate) async fn read(
    engine: &Engine,
    shards: &BTreeSet<u16>,
    now: Timestamp,
) -> Result<Vec<(ChatId, Head)>, StoreError> {
    type NewsRow = (i32, Uuid, Option<i64>, Option<i64>);
    let slots: BTreeSet<i32> = shards.iter().map(|shard| slot(*shard)).collect();
    let spans: BTreeSet<i64> =
        [-GRACE_US, 0, GRACE_US].map(|away| span(Timestamp::from_micros(now.micros() + away))).into();
    let parts = slots.iter().flat_map(|slot| spans.iter().map(|span| (engine.space, *slot, *span)));
    let found = try_join_all(parts.map(|values| engine.rows::<NewsRow>(&SPAN, values))).await?;
    let ours = found
        .into_iter()
        .flatten()
        .filter(|(shard, ..)| u16::try_from(*shard).is_ok_and(|shard| shards.contains(&shard)));
    Ok(ours
        .map(|(_, chat, seq, cseq)| {
            (ChatId::from_uuid(chat), Head { seq: seq.unwrap_or(-1), cseq: cseq.unwrap_or(-1) })
        })
        .collect())
}
