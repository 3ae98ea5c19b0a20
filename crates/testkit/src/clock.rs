use std::sync::atomic::{AtomicI64, Ordering};

use petit_domain::Timestamp;
use petit_ports::Clock;

/// 2026-01-01T09:00:00Z.
const START: i64 = 1_767_258_000_000_000;

/// A clock that stands still but for a millisecond at each look.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Lets time pass at once.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}
