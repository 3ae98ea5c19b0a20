use std::{pin::pin, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

/// When something last went on.
#[derive(Clone)]
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(super) fn beat(&self) {
        *self.0.lock() = Instant::now();
    }

    /// Waits for work as long as no more than `patience` passes between two beats. `None`: it was given up.
    pub(super) async fn wait<T>(&self, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            let last = *self.0.lock();
            match timeout_at(last + patience, &mut work).await {
                Ok(done) => return Some(done),
                Err(_) if *self.0.lock() > last => {}
                Err(_) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn what_goes_on_may_take_longer_than_the_patience() {
        let (pulse, patience) = (Pulse::new(), Duration::from_secs(1));
        let (began, beats) = (Instant::now(), pulse.clone());
        let work = async move {
            for _ in 0..75 {
                sleep(Duration::from_millis(20)).await;
                beats.beat();
            }
        };
        assert_eq!(pulse.wait(patience, work).await, Some(()));
        assert!(began.elapsed() > patience, "the premise");
    }

    #[tokio::test]
    async fn what_stands_still_is_given_up() {
        let pulse = Pulse::new();
        assert_eq!(pulse.wait(Duration::from_millis(10), std::future::pending::<()>()).await, None);
        let work = async {
            pulse.beat();
            std::future::pending::<()>().await;
        };
        assert_eq!(pulse.wait(Duration::from_millis(10), work).await, None);
    }
}
