//! How timers go here, for `/metrics` and `petit doctor`, and what wakes the workers of this process.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use petit_domain::Timestamp;
use petit_ports::{SHARDS, Shard};
use tokio::sync::Notify;

/// Counts since the process began, and what waits now.
pub struct Figures {
    fired: AtomicU64,
    failed: AtomicU64,
    late_ms: AtomicU64,
    last_late_ms: AtomicU64,
    held: AtomicU64,
    shards: [OfShard; SHARDS as usize],
}

#[derive(Default)]
struct OfShard {
    waiting: AtomicU64,
    /// When its worker looks next by itself, in microseconds.
    looks_at: AtomicI64,
    waker: Notify,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            fired: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            late_ms: AtomicU64::new(0),
            last_late_ms: AtomicU64::new(0),
            held: AtomicU64::new(0),
            shards: std::array::from_fn(|_| OfShard::default()),
        }
    }
}

impl Figures {
    /// Timers that happened.
    pub fn fired(&self) -> u64 {
        self.fired.load(Relaxed)
    }

    /// Attempts that came to nothing.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Milliseconds between due times and firing, added up over all that were fired.
    pub fn late_ms(&self) -> u64 {
        self.late_ms.load(Relaxed)
    }

    /// How late the last one was.
    pub fn last_late_ms(&self) -> u64 {
        self.last_late_ms.load(Relaxed)
    }

    /// How many shards are worked on here.
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// Timers of the shards held here that are past their time and have not happened.
    pub fn waiting(&self) -> u64 {
        self.shards.iter().map(|shard| shard.waiting.load(Relaxed)).sum()
    }

    pub(crate) fn has_fired(&self, due: Timestamp, now: Timestamp) {
        let late_ms = u64::try_from((now.micros() - due.micros()) / 1_000).unwrap_or(0);
        self.fired.fetch_add(1, Relaxed);
        self.late_ms.fetch_add(late_ms, Relaxed);
        self.last_late_ms.store(late_ms, Relaxed);
    }

    pub(crate) fn has_failed(&self) {
        self.failed.fetch_add(1, Relaxed);
    }

    pub(crate) fn has_taken(&self) {
        self.held.fetch_add(1, Relaxed);
    }

    pub(crate) fn has_lost(&self, shard: Shard) {
        self.held.fetch_sub(1, Relaxed);
        self.set_waiting(shard, 0);
    }

    pub(crate) fn set_waiting(&self, shard: Shard, waiting: usize) {
        self.of(shard).waiting.store(waiting as u64, Relaxed);
    }

    /// Something of this shard is due then: its worker here need not wait longer.
    pub(crate) fn wake(&self, shard: Shard, due: Timestamp) {
        if due.micros() < self.of(shard).looks_at.load(Relaxed) {
            self.of(shard).waker.notify_one();
        }
    }

    /// Waits until something of the shard is due before `until`, which is when its worker looks anyway.
    pub(crate) fn looks_at(&self, shard: Shard, until: Timestamp) {
        self.of(shard).looks_at.store(until.micros(), Relaxed);
    }

    pub(crate) async fn woken(&self, shard: Shard) {
        self.of(shard).waker.notified().await;
    }

    fn of(&self, shard: Shard) -> &OfShard {
        &self.shards[usize::from(shard.number())]
    }
}
