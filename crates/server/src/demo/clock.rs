use std::sync::atomic::{AtomicI64, Ordering};

use petit_domain::Timestamp;
use petit_ports::{Clock, SystemClock};

/// The machine's clock, but for while a story is told that happened earlier.
#[derive(Default)]
pub struct StoryClock {
    /// Microseconds since 1970; 0 is the present.
    told: AtomicI64,
}

impl StoryClock {
    /// Stands still at a moment of the story.
    pub fn go_to(&self, moment: Timestamp) {
        self.told.store(moment.micros(), Ordering::Relaxed);
    }

    /// Goes on with the machine's clock.
    pub fn be_present(&self) {
        self.told.store(0, Ordering::Relaxed);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        match self.told.load(Ordering::Relaxed) {
            0 => SystemClock.now(),
            told => Timestamp::from_micros(told),
        }
    }
}
