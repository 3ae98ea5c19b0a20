//! Timers, in parts of ten minutes by their due time. What is done is marked, not deleted; a part goes as a
//! whole when the watermark has long passed it. An index says which parts there are, so that nobody looks into
//! empty ones.

use async_trait::async_trait;
use petit_domain::{TimerId, Timestamp};
use petit_ports::{Change, Lease, Shard, StoreError, Timer, TimerPosition, TimerStore};
use uuid::Uuid;

use crate::{statement::Cql, store::ScyllaStore};

static BUCKET: Cql = Cql::write("INSERT INTO timer_buckets (space, shard, bucket) VALUES (?, ?, ?)");
static BUCKETS: Cql = Cql::read(
    "SELECT bucket FROM timer_buckets WHERE space = ? AND shard = ? AND bucket >= ? AND bucket <= ?",
);
static CLOSE: Cql = Cql::write("DELETE FROM timer_buckets WHERE space = ? AND shard = ? AND bucket = ?");
static EMPTY: Cql = Cql::write("DELETE FROM timers WHERE space = ? AND shard = ? AND bucket = ?");
static PUT: Cql =
    Cql::write("INSERT INTO timers (space, shard, bucket, due, id, kind, body) VALUES (?, ?, ?, ?, ?, ?, ?)");
static DONE: Cql = Cql::write(
    "UPDATE timers SET is_done = true WHERE space = ? AND shard = ? AND bucket = ? AND due = ? AND id = ?",
);
static DUE: Cql = Cql::read(
    "SELECT due, id, kind, body, is_done FROM timers WHERE space = ? AND shard = ? AND bucket = ? \
     AND (due, id) > (?, ?) AND (due) <= (?) LIMIT ?",
);
static ATTEND: Cql = Cql::write("INSERT INTO timer_workers (space, worker, expires_at) VALUES (?, ?, ?)");
static ATTENDING: Cql = Cql::read("SELECT worker, expires_at FROM timer_workers WHERE space = ?");
static HOLDER: Cql =
    Cql::serial("SELECT owner, epoch, expires_at, watermark FROM timer_shards WHERE space = ? AND shard = ?");
static BEGIN: Cql = Cql::lwt(
    "INSERT INTO timer_shards (space, shard, owner, epoch, expires_at, watermark) VALUES (?, ?, ?, ?, ?, ?) \
     IF NOT EXISTS",
);
static KEEP: Cql = Cql::lwt(
    "UPDATE timer_shards SET expires_at = ? WHERE space = ? AND shard = ? IF owner = ? AND epoch = ?",
);
static TAKE_OVER: Cql = Cql::lwt(
    "UPDATE timer_shards SET owner = ?, epoch = ?, expires_at = ? WHERE space = ? AND shard = ? \
     IF epoch = ? AND expires_at = ?",
);
static ADVANCE: Cql = Cql::lwt(
    "UPDATE timer_shards SET watermark = ? WHERE space = ? AND shard = ? IF epoch = ? AND watermark < ?",
);

const BUCKET_MICROS: i64 = 10 * 60 * 1_000_000;
/// A part so far below the watermark gets nothing new any more, whatever the clocks say.
const CLOSED_AFTER: i64 = 6;
/// Rows at once, done ones among them.
const SLICE: i32 = 500;
const NOTHING_DONE: i64 = 0;

type Row = (i64, Uuid, Option<String>, Option<String>, Option<bool>);

#[async_trait]
impl TimerStore for ScyllaStore {
    async fn put(&self, timer: &Timer) -> Result<(), StoreError> {
        let (space, shard, bucket) = self.place(timer);
        // First: a row in a part that the index does not name would not be found.
        self.engine.run(&BUCKET, (space, shard, bucket)).await?;
        let (due, id) = (timer.due.micros(), timer.id.uuid());
        let values = (space, shard, bucket, due, id, timer.kind.as_str(), timer.body.to_string());
        self.engine.run(&PUT, values).await.map(drop)
    }

    async fn done(&self, timer: &Timer) -> Result<(), StoreError> {
        let (space, shard, bucket) = self.place(timer);
        let values = (space, shard, bucket, timer.due.micros(), timer.id.uuid());
        self.engine.run(&DONE, values).await.map(drop)
    }

    async fn due(
        &self,
        shard: Shard,
        after: TimerPosition,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let mut due = Vec::new();
        for bucket in self.buckets(shard, bucket(after.0), bucket(until)).await? {
            self.due_in(shard, bucket, after, until, limit, &mut due).await?;
            if due.len() >= limit {
                break;
            }
        }
        Ok(due)
    }

    async fn attend(&self, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let space = self.engine.space;
        self.engine.run(&ATTEND, (space, worker, until.micros())).await?;
        let all = self.engine.rows::<(Uuid, i64)>(&ATTENDING, (space,)).await?;
        let there = all.into_iter().filter(|(_, until)| *until > now.micros());
        let mut there: Vec<Uuid> = there.map(|(worker, _)| worker).collect();
        there.sort_unstable();
        Ok(there)
    }

    async fn lease(
        &self,
        shard: Shard,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let (space, number, until) = (self.engine.space, i32::from(shard.number()), until.micros());
        let lease =
            |epoch, watermark| Some(Lease { shard, epoch, watermark: Timestamp::from_micros(watermark) });
        let found = self.engine.row::<(Uuid, i64, i64, i64)>(&HOLDER, (space, number)).await?;
        let Some((owner, epoch, expires_at, watermark)) = found else {
            let values = (space, number, worker, 1_i64, until, NOTHING_DONE);
            let is_first = self.engine.applies(&BEGIN, values).await?;
            return Ok(lease(1, NOTHING_DONE).filter(|_| is_first));
        };
        if owner == worker {
            let is_kept = self.engine.applies(&KEEP, (until, space, number, worker, epoch)).await?;
            return Ok(lease(epoch, watermark).filter(|_| is_kept));
        }
        if expires_at > now.micros() {
            return Ok(None);
        }
        let values = (worker, epoch + 1, until, space, number, epoch, expires_at);
        let is_taken = self.engine.applies(&TAKE_OVER, values).await?;
        Ok(lease(epoch + 1, watermark).filter(|_| is_taken))
    }

    async fn advance(&self, lease: &Lease) -> Result<Change, StoreError> {
        let (number, watermark) = (i32::from(lease.shard.number()), lease.watermark.micros());
        let values = (watermark, self.engine.space, number, lease.epoch, watermark);
        if !self.engine.applies(&ADVANCE, values).await? {
            return Ok(Change::AlreadySo);
        }
        self.close(lease.shard, bucket(lease.watermark) - CLOSED_AFTER).await?;
        Ok(Change::Done)
    }
}

impl ScyllaStore {
    fn place(&self, timer: &Timer) -> (Uuid, i32, i64) {
        (self.engine.space, i32::from(timer.shard.number()), bucket(timer.due))
    }

    /// The parts of a shard, by rising time.
    async fn buckets(&self, shard: Shard, from: i64, to: i64) -> Result<Vec<i64>, StoreError> {
        let values = (self.engine.space, i32::from(shard.number()), from, to);
        let rows = self.engine.rows::<(i64,)>(&BUCKETS, values).await?;
        Ok(rows.into_iter().map(|(bucket,)| bucket).collect())
    }

    async fn due_in(
        &self,
        shard: Shard,
        bucket: i64,
        after: TimerPosition,
        until: Timestamp,
        limit: usize,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError> {
        let place = (self.engine.space, i32::from(shard.number()), bucket);
        let (mut at, mut id) = (after.0.micros(), after.1.uuid());
        loop {
            let values = (place.0, place.1, place.2, at, id, until.micros(), SLICE);
            let rows = self.engine.rows::<Row>(&DUE, values).await?;
            let is_last = rows.len() < SLICE as usize;
            if let Some(last) = rows.last() {
                (at, id) = (last.0, last.1);
            }
            for row in rows {
                due.extend(timer(shard, row)?);
            }
            if is_last || due.len() >= limit {
                due.truncate(limit);
                return Ok(());
            }
        }
    }

    /// Forgets the parts below `before`, in which all is done.
    async fn close(&self, shard: Shard, before: i64) -> Result<(), StoreError> {
        let (space, number) = (self.engine.space, i32::from(shard.number()));
        for bucket in self.buckets(shard, i64::MIN, before - 1).await? {
            self.engine.run(&EMPTY, (space, number, bucket)).await?;
            self.engine.run(&CLOSE, (space, number, bucket)).await?;
        }
        Ok(())
    }
}

const fn bucket(due: Timestamp) -> i64 {
    due.micros().div_euclid(BUCKET_MICROS)
}

/// A row that was marked before it was put has nothing to fire.
fn timer(shard: Shard, (due, id, kind, body, is_done): Row) -> Result<Option<Timer>, StoreError> {
    let (Some(kind), Some(body), None | Some(false)) = (kind, body, is_done) else { return Ok(None) };
    let body = serde_json::from_str(&body).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let due = Timestamp::from_micros(due);
    Ok(Some(Timer { id: TimerId::from_uuid(id), shard, due, kind, body }))
}
