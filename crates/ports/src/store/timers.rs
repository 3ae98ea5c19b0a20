use async_trait::async_trait;
use petit_domain::{TimerId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Change, StoreError};

/// How many shards timers are spread over. It is part of what is stored and never changes.
pub const SHARDS: u16 = 16;

/// One part of all timers, which one worker at a time looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard(u16);

impl Shard {
    /// The shard of what a timer is about, so that what is about one thing is worked on in one place.
    pub const fn about(thing: Uuid) -> Self {
        Self((thing.as_u128() % SHARDS as u128) as u16)
    }

    /// Every shard.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS).map(Self)
    }

    /// Its number, below [`SHARDS`].
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// Place of a timer in its shard: by due time, then by id.
pub type TimerPosition = (Timestamp, TimerId);

/// Something that is to happen at a time. It is named by its shard, due time and id together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Its name at that time.
    pub id: TimerId,
    /// Which workers look after it.
    pub shard: Shard,
    /// When it is to happen.
    pub due: Timestamp,
    /// What is to happen. A version that does not know the word leaves the timer alone.
    pub kind: String,
    /// What the kind needs to know.
    pub body: serde_json::Value,
}

impl Timer {
    /// Where it is in its shard.
    pub const fn position(&self) -> TimerPosition {
        (self.due, self.id)
    }
}

/// A shard that a worker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which shard.
    pub shard: Shard,
    /// Counts takers: who took the shard over has a higher one, and the ones before can move nothing.
    pub epoch: i64,
    /// Everything due up to then that was put in time is done. What is put late is below it.
    pub watermark: Timestamp,
}

/// A durable index of what is to happen when, in shards that workers share by leases.
#[async_trait]
pub trait TimerStore: Send + Sync {
    /// Notes a timer. Noting the same one again changes nothing. It may be due in the past: then it is found
    /// by whoever looks back far enough.
    async fn put(&self, timer: &Timer) -> Result<(), StoreError>;

    /// Ends a timer, because it has happened or is not to happen: nobody finds it any more. Again is fine.
    async fn done(&self, timer: &Timer) -> Result<(), StoreError>;

    /// Timers of a shard that are not done, after `after` and due up to `until`, by due time and id. Kinds
    /// that are not known here come too.
    async fn due(
        &self,
        shard: Shard,
        after: TimerPosition,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timer>, StoreError>;

    /// Says that a worker is there until `until`. Answers all who are there at `now`, in an order that is the
    /// same for everybody.
    async fn attend(&self, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, StoreError>;

    /// Gives a shard to a worker until `until`, if it is free, its lease was over at `now`, or it is the
    /// worker's own already. `None` if somebody else has it. Of several at once, one gets it. A shard is given
    /// back by holding it until `now`.
    async fn lease(
        &self,
        shard: Shard,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Raises the shard's watermark to that of the lease. `AlreadySo`, and nothing is written, if the shard was
    /// taken over since or the watermark is as high. What was done more than an hour below it may be forgotten,
    /// and what is put later than that may never be found.
    async fn advance(&self, lease: &Lease) -> Result<Change, StoreError>;
}
