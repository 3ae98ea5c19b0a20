//! Positions are registers; a shard's lease is one row that changes on a condition.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::{FollowerLease, FollowerStore, StoreError};
use uuid::Uuid;

use crate::{engine::Bound, news, row::register, statement::Cql, store::ScyllaStore};

static POSITION: Cql =
    Cql::read("SELECT seq, cseq FROM follower_positions WHERE follower = ? AND chat_id = ?");
static RAISE_SEQ: Cql =
    Cql::write("UPDATE follower_positions USING TIMESTAMP ? SET seq = ? WHERE follower = ? AND chat_id = ?");
static RAISE_CSEQ: Cql =
    Cql::write("UPDATE follower_positions USING TIMESTAMP ? SET cseq = ? WHERE follower = ? AND chat_id = ?");
static ATTEND: Cql = Cql::write("INSERT INTO follower_workers (space, worker, until) VALUES (?, ?, ?)");
static WORKERS: Cql = Cql::read("SELECT worker, until FROM follower_workers WHERE space = ?");
static LEASE: Cql =
    Cql::read("SELECT owner, until, epoch FROM follower_leases WHERE space = ? AND shard = ?");
static TAKE: Cql = Cql::lwt(
    "UPDATE follower_leases SET owner = ?, until = ?, epoch = ? WHERE space = ? AND shard = ? IF epoch = ?",
);

/// How often a shard is tried for against others before it counts as unavailable.
const TRIES: u32 = 10;

type LeaseRow = (Option<Uuid>, Option<i64>, Option<i64>);

#[async_trait]
impl FollowerStore for ScyllaStore {
    async fn positions(&self, follower: &str, chats: &[ChatId]) -> Result<Vec<Head>, StoreError> {
        let mut positions = Vec::with_capacity(chats.len());
        for together in chats.chunks(32) {
            let reads = together.iter().map(|chat| async {
                let values = (follower, chat.uuid());
                let found = self.engine.row::<(Option<i64>, Option<i64>)>(&POSITION, values).await?;
                let (seq, cseq) = found.unwrap_or_default();
                Ok::<_, StoreError>(Head { seq: seq.unwrap_or(-1), cseq: cseq.unwrap_or(-1) })
            });
            positions.extend(try_join_all(reads).await?);
        }
        Ok(positions)
    }

    async fn advance(&self, follower: &str, to: &[(ChatId, Head)]) -> Result<(), StoreError> {
        let raised = |cql, number: i64, chat: ChatId| {
            let values = (register(number), number, follower.to_owned(), chat.uuid());
            (number >= 0).then(|| Bound::new(cql, values))
        };
        let both = to.iter().flat_map(|(chat, head)| {
            [raised(&RAISE_SEQ, head.seq, *chat), raised(&RAISE_CSEQ, head.cseq, *chat)]
        });
        self.engine.write_all(both.flatten().collect()).await
    }

    async fn news(&self, shards: &[u16]) -> Result<Vec<(ChatId, Head)>, StoreError> {
        let shards: BTreeSet<u16> = shards.iter().copied().collect();
        news::read(&self.engine, &shards, self.clock.now()).await
    }

    async fn attend(&self, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let space = self.engine.space;
        self.engine.run(&ATTEND, (space, worker, until.micros())).await?;
        let found = self.engine.rows::<(Uuid, Option<i64>)>(&WORKERS, (space,)).await?;
        let here = found.into_iter().filter(|(_, until)| until.is_some_and(|until| until > now.micros()));
        let mut workers: Vec<Uuid> = here.map(|(worker, _)| worker).collect();
        workers.sort_unstable();
        Ok(workers)
    }

    async fn lease(
        &self,
        shard: u16,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<FollowerLease>, StoreError> {
        let mut failure = StoreError::Unavailable(None);
        for _ in 0..TRIES {
            let (owner, taken_until, before) = self.leased(shard).await?;
            let is_mine = owner == Some(worker);
            if !is_mine && taken_until.is_some_and(|until| until > now.micros()) {
                return Ok(None);
            }
            let token = before.unwrap_or(0) + i64::from(!is_mine);
            match self.take(shard, worker, until, token, before).await {
                Ok(true) => return Ok(Some(FollowerLease { owner: worker, until, token })),
                Ok(false) => {}
                // Perhaps it was done: the next look tells.
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn release(&self, shard: u16, worker: Uuid) -> Result<(), StoreError> {
        let (owner, _, token) = self.leased(shard).await?;
        if owner == Some(worker)
            && let Some(token) = token
        {
            self.take(shard, worker, Timestamp::from_micros(0), token, Some(token)).await?;
        }
        Ok(())
    }
}

impl ScyllaStore {
    async fn leased(&self, shard: u16) -> Result<LeaseRow, StoreError> {
        let found = self.engine.row::<LeaseRow>(&LEASE, (self.engine.space, i32::from(shard))).await?;
        Ok(found.unwrap_or_default())
    }

    async fn take(
        &self,
        shard: u16,
        worker: Uuid,
        until: Timestamp,
        token: i64,
        before: Option<i64>,
    ) -> Result<bool, StoreError> {
        let values = (worker, until.micros(), token, self.engine.space, i32::from(shard), before);
        self.engine.applies(&TAKE, values).await
    }
}
