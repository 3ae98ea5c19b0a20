//! Which sockets are to be pinged now: each once per interval, evenly spread.

use std::time::{Duration, Instant};

pub struct Heartbeat {
    started: Instant,
    interval: Duration,
    sockets: usize,
    sent: u64,
}

impl Heartbeat {
    pub fn new(interval: Duration, sockets: usize) -> Self {
        Self { started: Instant::now(), interval, sockets, sent: 0 }
    }

    /// The sockets whose turn has come since the last call.
    pub fn due(&mut self, now: Instant) -> impl Iterator<Item = usize> + use<> {
        let rounds = (now - self.started).as_secs_f64() / self.interval.as_secs_f64();
        let (first, end) = (self.sent, (rounds * self.sockets as f64) as u64);
        self.sent = end.max(first);
        let sockets = self.sockets as u64;
        (first..end).map(move |turn| (turn % sockets) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_socket_is_pinged_once_per_interval() {
        let mut beat = Heartbeat::new(Duration::from_secs(10), 4);
        let start = beat.started;
        let mut due = |seconds: u64| beat.due(start + Duration::from_secs(seconds)).collect::<Vec<_>>();
        assert!(due(0).is_empty());
        assert_eq!(due(5), [0, 1]);
        assert!(due(5).is_empty());
        assert_eq!(due(15), [2, 3, 0, 1]);
    }
}
