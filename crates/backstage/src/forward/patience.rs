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

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Work of many pieces that come `apart` from each other.
    async fn waited_for(pieces: u32, apart: Duration) -> Option<u32> {
        let pulse = Pulse::new();
        let work = async {
            for _ in 0..pieces {
                sleep(apart).await;
                pulse.beat();
            }
            sleep(PATIENCE / 2).await;
            pieces
        };
        pulse.wait(PATIENCE, work).await
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_may_take_hours() {
        assert_eq!(waited_for(200, PATIENCE - Duration::from_secs(1)).await, Some(200));
    }

    #[tokio::test(start_paused = true)]
    async fn what_stands_still_is_given_up() {
        assert_eq!(waited_for(2, PATIENCE + Duration::from_secs(1)).await, None);
        let began = Instant::now();
        assert_eq!(Pulse::new().wait(PATIENCE, std::future::pending::<()>()).await, None);
        assert_eq!(began.elapsed().as_secs(), 60);
    }
}
