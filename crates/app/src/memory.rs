//! What was read lately and may be believed for a moment.

use std::{
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use dashmap::DashMap;

/// A bounded memory of values that other nodes may change. What changes here is forgotten at once; what
/// changes elsewhere is believed at most as long as said.
pub(crate) struct Memory<K, V> {
    seen: DashMap<K, (V, Instant)>,
    believed_for: Duration,
    most: usize,
    forgotten: AtomicU64,
}

/// Says that nothing had been forgotten when a read began.
#[derive(Clone, Copy)]
pub(crate) struct Before(u64);

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub(crate) fn new(believed_for: Duration, most: usize) -> Self {
        Self { seen: DashMap::new(), believed_for, most, forgotten: AtomicU64::new(0) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let seen = self.seen.get(key)?;
        (seen.1.elapsed() < self.believed_for).then(|| seen.0.clone())
    }

    /// To be called before the store is read.
    pub(crate) fn before_reading(&self) -> Before {
        Before(self.forgotten.load(Ordering::Acquire))
    }

    /// Remembers what was read, unless something was forgotten meanwhile: then it may be old already. The
    /// count is compared while the key is locked, and raised before the key is, so neither can slip past.
    pub(crate) fn put(&self, key: K, value: V, before: Before) {
        if self.seen.len() >= self.most {
            self.seen.clear();
        }
        let entry = self.seen.entry(key);
        if self.forgotten.load(Ordering::Acquire) == before.0 {
            entry.insert((value, Instant::now()));
        }
    }

    pub(crate) fn forget(&self, key: &K) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.seen.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(most: usize) -> Memory<u8, &'static str> {
        Memory::new(Duration::from_secs(60), most)
    }

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let memory = memory(10);
        let before = memory.before_reading();
        memory.forget(&1);
        memory.put(1, "old", before);
        assert_eq!(memory.get(&1), None);
        memory.put(1, "new", memory.before_reading());
        assert_eq!(memory.get(&1), Some("new"));
    }

    #[test]
    fn a_memory_never_grows_past_its_bound() {
        let memory = memory(3);
        for key in 0..10 {
            memory.put(key, "value", memory.before_reading());
            assert!(memory.seen.len() <= 3);
        }
    }
}
