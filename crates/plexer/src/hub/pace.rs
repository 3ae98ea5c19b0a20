use std::time::{Duration, Instant};

/// Above twenty events a second a chat counts as busy.
const INTERVAL: Duration = Duration::from_millis(50);
/// From this many people on, gathering two events saves more than it delays.
const LARGE: usize = 64;
/// How many events may come at once before a small chat counts as busy.
const BURST: u32 = 4;

/// Notices that a chat is busy, so that its events can be gathered into fewer writes (generic cell
/// rate algorithm).
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When the events so far would be through at one in each interval.
    through_at: Option<Instant>,
}

impl Pace {
    /// Counts one event now. Answers whether the chat is busy.
    pub(super) fn is_busy(&mut self, now: Instant, people: usize) -> bool {
        let spare = if people >= LARGE { Duration::ZERO } else { INTERVAL * (BURST - 1) };
        let through_at = self.through_at.map_or(now, |at| at.max(now));
        let busy = through_at - now > spare;
        self.through_at = Some((through_at + INTERVAL).min(now + INTERVAL * (BURST + 1)));
        busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(people: usize, gaps_ms: &[u64]) -> Vec<bool> {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        gaps_ms
            .iter()
            .map(|gap| {
                now += Duration::from_millis(*gap);
                pace.is_busy(now, people)
            })
            .collect()
    }

    #[test]
    fn a_quiet_chat_is_never_busy() {
        assert_eq!(busy(10, &[60; 50]), [false; 50]);
        assert_eq!(busy(1_000, &[60; 50]), [false; 50]);
    }

    #[test]
    fn a_small_chat_may_burst_and_a_large_one_gathers_at_once() {
        assert_eq!(busy(10, &[0; 6]), [false, false, false, false, true, true]);
        assert_eq!(busy(1_000, &[0; 3]), [false, true, true]);
    }

    #[test]
    fn a_chat_calms_down_soon_after_a_storm() {
        let storm: Vec<u64> = [vec![1; 1_000], vec![300]].concat();
        assert_eq!(busy(10, &storm).last(), Some(&false));
    }
}
