//! Refuses at once while the engine is away, instead of letting everybody wait for it.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// So many failures in a row mean that the engine is away.
const TRIPS_AT: u32 = 4;
/// How often somebody is let through to see whether it is back.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// A break this long is no mere interruption.
const GIVES_UP_AFTER: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    since: Option<Instant>,
    probed: Option<Instant>,
}

impl Breaker {
    /// Whether a request may be tried now.
    pub(crate) fn lets_through(&self, now: Instant) -> bool {
        let mut state = self.0.lock();
        if state.failures < TRIPS_AT {
            return true;
        }
        let is_due = state.probed.is_none_or(|last| now - last >= PROBE_EVERY);
        if is_due {
            state.probed = Some(now);
        }
        is_due
    }

    pub(crate) fn succeeded(&self) {
        let mut state = self.0.lock();
        if state.failures > 0 {
            *state = State::default();
        }
    }

    /// Whether nothing has been answered for so long that waiting is no use.
    pub(crate) fn has_given_up(&self, now: Instant) -> bool {
        let state = self.0.lock();
        state.failures >= TRIPS_AT && state.since.is_some_and(|since| now - since >= GIVES_UP_AFTER)
    }

    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.0.lock();
        state.since.get_or_insert(now);
        state.failures = state.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_only_probes_get_through_until_one_succeeds() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..TRIPS_AT {
            assert!(breaker.lets_through(now));
            breaker.failed(now);
        }
        assert!(breaker.lets_through(now), "the first probe");
        assert!(!breaker.lets_through(now), "and nobody beside it");
        assert!(breaker.lets_through(now + PROBE_EVERY), "the next one in its time");
        assert!(!breaker.has_given_up(now + PROBE_EVERY) && breaker.has_given_up(now + GIVES_UP_AFTER));
        breaker.succeeded();
        assert!(breaker.lets_through(now) && breaker.lets_through(now));
        assert!(!breaker.has_given_up(now + GIVES_UP_AFTER));
    }
}
