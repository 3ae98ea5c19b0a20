use std::sync::atomic::Ordering;

use crate::store::ScyllaStore;

/// What happened since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Statements that were sent, batches as one.
    pub statements: u64,
    /// Groups that the sequencers wrote.
    pub groups: u64,
    /// Entries in them.
    pub entries: u64,
    /// Groups that another writer was ahead of.
    pub lost_sets: u64,
    /// Groups whose outcome had to be looked up.
    pub unknown: u64,
}

/// What only this engine has.
#[derive(Clone)]
pub struct ScyllaHandle(pub(crate) ScyllaStore);

impl ScyllaHandle {
    pub(crate) fn new(store: ScyllaStore) -> Self {
        Self(store)
    }

    /// What happened since the store was opened.
    pub fn counters(&self) -> Counters {
        let counted = self.0.sequencers.counted();
        Counters {
            statements: self.0.engine.statements.load(Ordering::Relaxed),
            groups: counted.groups.load(Ordering::Relaxed),
            entries: counted.entries.load(Ordering::Relaxed),
            lost_sets: counted.lost_sets.load(Ordering::Relaxed),
            unknown: counted.unknown.load(Ordering::Relaxed),
        }
    }

    /// Finishes what the sequencers have begun.
    pub async fn close(&self) {
        self.0.sequencers.close().await;
    }
}
