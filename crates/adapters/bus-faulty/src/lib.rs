//! A bus that loses, doubles, delays and reorders what another one carries: for tests, and for rehearsals
//! in which somebody wants to see that nothing depends on the bus. Publishing still answers at once.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use petit_ports::{Announcement, Bus, BusError, Mailbox, Random, Subject, Subscriber};

/// How much goes wrong. Shares are in hundredths.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// Events that are lost.
    pub drop: u8,
    /// Events that come twice.
    pub double: u8,
    /// Events that later ones overtake.
    pub reorder: u8,
    /// The longest time that an event is held back.
    pub delay: Duration,
}

/// How long an event waits that is to be overtaken.
const OVERTAKEN_BY: Duration = Duration::from_millis(50);

/// Gets things wrong between whoever publishes and another bus.
pub struct FaultyBus {
    inner: Arc<dyn Bus>,
    faults: Faults,
    random: Arc<dyn Random>,
}

impl FaultyBus {
    /// Wraps a bus. `random` decides which events are hit.
    pub fn new(inner: Arc<dyn Bus>, faults: Faults, random: Arc<dyn Random>) -> Self {
        Self { inner, faults, random }
    }

    fn hits(&self, share: u8) -> bool {
        share > 0 && self.random.next_u64() % 100 < u64::from(share)
    }

    /// How long this event is held back.
    fn wait(&self) -> Duration {
        let most = u64::try_from(self.faults.delay.as_micros()).unwrap_or(u64::MAX);
        let delay = if most == 0 { 0 } else { self.random.next_u64() % (most + 1) };
        let overtaken = if self.hits(self.faults.reorder) { OVERTAKEN_BY } else { Duration::ZERO };
        Duration::from_micros(delay) + overtaken
    }
}

#[async_trait]
impl Bus for FaultyBus {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        if self.hits(self.faults.drop) {
            return Ok(());
        }
        for _ in 0..1 + usize::from(self.hits(self.faults.double)) {
            let wait = self.wait();
            if wait.is_zero() {
                self.inner.publish(subject, announcement.clone()).await?;
                continue;
            }
            let (inner, announcement) = (self.inner.clone(), announcement.clone());
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                drop(inner.publish(subject, announcement).await);
            });
        }
        Ok(())
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        self.inner.attach(capacity).await
    }
}
