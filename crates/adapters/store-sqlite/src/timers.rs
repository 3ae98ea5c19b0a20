use async_trait::async_trait;
use petit_domain::{TimerId, Timestamp};
use petit_ports::{Change, Lease, Shard, StoreError, Timer, TimerPosition, TimerStore};
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, params, types::Type};
use uuid::Uuid;

use crate::{
    row,
    store::{SqliteStore, change},
};

#[async_trait]
impl TimerStore for SqliteStore {
    async fn put(&self, timer: &Timer) -> Result<(), StoreError> {
        let (shard, (due, id), kind) = (timer.shard, timer.position(), timer.kind.clone());
        let body = timer.body.to_string();
        self.write(move |writing| {
            let put = "INSERT INTO timers (shard, due, timer_id, kind, body) VALUES (?1, ?2, ?3, ?4, ?5) \
                       ON CONFLICT DO NOTHING";
            let values = params![shard.number(), due.micros(), id.uuid().into_bytes(), kind, body];
            writing.connection.prepare_cached(put)?.execute(values).map(drop)
        })
        .await
    }

    async fn done(&self, timer: &Timer) -> Result<(), StoreError> {
        let (shard, (due, id)) = (timer.shard, timer.position());
        self.write(move |writing| {
            let end = "DELETE FROM timers WHERE shard = ?1 AND due = ?2 AND timer_id = ?3";
            let values = params![shard.number(), due.micros(), id.uuid().into_bytes()];
            writing.connection.prepare_cached(end)?.execute(values).map(drop)
        })
        .await
    }

    async fn due(
        &self,
        shard: Shard,
        (due, id): TimerPosition,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError> {
        let find = "SELECT due, timer_id, kind, body FROM timers \
                    WHERE shard = ?1 AND (due, timer_id) > (?2, ?3) AND due <= ?4 ORDER BY due, timer_id LIMIT ?5";
        let after = (due.micros(), id.uuid().into_bytes());
        self.read(|connection| {
            connection
                .prepare_cached(find)?
                .query_map(
                    params![shard.number(), after.0, after.1, until.micros(), limit as i64],
                    |found| timer(found, shard),
                )?
                .collect()
        })
    }

    async fn attend(&self, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        self.write(move |writing| attend(writing.connection, worker, now, until)).await
    }

    async fn lease(
        &self,
        shard: Shard,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.write(move |writing| lease(writing.connection, shard, worker, now, until)).await
    }

    async fn advance(&self, lease: &Lease) -> Result<Change, StoreError> {
        let Lease { shard, epoch, watermark } = *lease;
        self.write(move |writing| {
            let raise =
                "UPDATE timer_shards SET watermark = ?3 WHERE shard = ?1 AND epoch = ?2 AND watermark < ?3";
            let values = params![shard.number(), epoch, watermark.micros()];
            writing.connection.prepare_cached(raise)?.execute(values).map(change)
        })
        .await
    }
}

fn attend(connection: &Connection, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>> {
    connection.prepare_cached("DELETE FROM timer_workers WHERE until <= ?1")?.execute([now.micros()])?;
    connection
        .prepare_cached(
            "INSERT INTO timer_workers (worker, until) VALUES (?1, ?2) \
             ON CONFLICT (worker) DO UPDATE SET until = excluded.until",
        )?
        .execute(params![worker.into_bytes(), until.micros()])?;
    let mut workers: Vec<Uuid> = connection
        .prepare_cached("SELECT worker FROM timer_workers WHERE until > ?1")?
        .query_map([now.micros()], |found| row::uuid(found, 0))?
        .collect::<Result<_>>()?;
    workers.sort_unstable();
    Ok(workers)
}

fn lease(
    connection: &Connection,
    shard: Shard,
    worker: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>> {
    let worker = worker.into_bytes();
    connection
        .prepare_cached(
            "INSERT INTO timer_shards (shard, owner, epoch, until, watermark) VALUES (?1, ?2, 1, ?3, 0) \
             ON CONFLICT (shard) DO UPDATE SET until = excluded.until, owner = excluded.owner, \
             epoch = epoch + (owner <> excluded.owner) WHERE owner = excluded.owner OR until <= ?4",
        )?
        .execute(params![shard.number(), worker, until.micros(), now.micros()])?;
    connection
        .prepare_cached("SELECT epoch, watermark FROM timer_shards WHERE shard = ?1 AND owner = ?2")?
        .query_row(params![shard.number(), worker], |found| {
            Ok(Lease { shard, epoch: found.get(0)?, watermark: row::time(found, 1)? })
        })
        .optional()
}

/// A timer in a row of due time, id, kind and body.
pub(crate) fn timer(found: &Row<'_>, shard: Shard) -> Result<Timer> {
    let body: String = found.get(3)?;
    let odd = |error| Error::FromSqlConversionFailure(3, Type::Text, Box::new(error));
    Ok(Timer {
        id: TimerId::from_uuid(row::uuid(found, 1)?),
        shard,
        due: row::time(found, 0)?,
        kind: found.get(2)?,
        body: serde_json::from_str(&body).map_err(odd)?,
    })
}
