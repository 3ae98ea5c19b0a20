use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use parking_lot::Mutex;
use petit_ports::{BusError, Subject, Subscriber};

/// How many subjects can be (un)subscribed at the same time.
const LANES: usize = 16;

/// Which subjects somebody here wants, and which the bus carries to us. The two are brought together
/// one subject at a time, so that a late "unsubscribe" never undoes a newer "subscribe".
pub(super) struct Interests {
    subscriber: Arc<dyn Subscriber>,
    subjects: Mutex<HashMap<Subject, Interest>>,
    lanes: [tokio::sync::Mutex<()>; LANES],
    hasher: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Interest {
    /// Below zero for the moment in which a release overtakes its hold.
    holders: i32,
    live: bool,
}

impl Interest {
    fn is_wanted(self) -> bool {
        self.holders > 0
    }
}

impl Interests {
    pub(super) fn new(subscriber: Arc<dyn Subscriber>) -> Self {
        Self { subscriber, subjects: Mutex::default(), lanes: Default::default(), hasher: RandomState::new() }
    }

    /// Wants a subject once more. From when this returns its events arrive, unless the bus fails;
    /// then [`Self::retry`] tries again. Answers whether they did not arrive before.
    pub(super) async fn hold(&self, subject: Subject) -> bool {
        self.subjects.lock().entry(subject).or_default().holders += 1;
        self.reconcile(subject).await
    }

    /// Wants a subject once less.
    pub(super) async fn release(&self, subject: Subject) {
        self.subjects.lock().entry(subject).or_default().holders -= 1;
        self.reconcile(subject).await;
    }

    /// Waits until somebody else's [`Self::hold`] of the subject is through.
    pub(super) async fn reconcile(&self, subject: Subject) -> bool {
        if self.is_settled(subject) {
            return false;
        }
        let lane = self.hasher.hash_one(subject) as usize % LANES;
        let _turn = self.lanes[lane].lock().await;
        self.settle(subject).await.unwrap_or_else(|error| {
            tracing::warn!(%error, ?subject, "the bus took no subscription; trying again soon");
            false
        })
    }

    fn is_settled(&self, subject: Subject) -> bool {
        let known = self.subjects.lock().get(&subject).copied();
        known.is_none_or(|interest| interest.holders != 0 && interest.live == interest.is_wanted())
    }

    async fn settle(&self, subject: Subject) -> Result<bool, BusError> {
        let interest = self.subjects.lock().get(&subject).copied().unwrap_or_default();
        match (interest.is_wanted(), interest.live) {
            (true, false) => {
                self.subscriber.subscribe(subject).await?;
                self.mark(subject, true);
                return Ok(true);
            }
            (false, true) => {
                // Before the bus is told: who wants it from here on has to wait and subscribe anew.
                self.mark(subject, false);
                self.subscriber.unsubscribe(subject).await?;
            }
            _ => {}
        }
        self.forget_unwanted(subject);
        Ok(false)
    }

    fn mark(&self, subject: Subject, live: bool) {
        if let Some(interest) = self.subjects.lock().get_mut(&subject) {
            interest.live = live;
        }
    }

    fn forget_unwanted(&self, subject: Subject) {
        let mut subjects = self.subjects.lock();
        if subjects.get(&subject).is_some_and(|interest| interest.holders == 0) {
            subjects.remove(&subject);
        }
    }

    /// Subscribes what the bus did not take before. Answers whether there was any that it took now.
    pub(super) async fn retry(&self) -> bool {
        let waiting: Vec<_> = {
            let subjects = self.subjects.lock();
            subjects
                .iter()
                .filter(|(_, interest)| interest.is_wanted() && !interest.live)
                .map(|(subject, _)| *subject)
                .collect()
        };
        let mut any = false;
        for subject in waiting {
            any |= self.reconcile(subject).await;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use async_trait::async_trait;
    use petit_domain::{ChatId, Timestamp};

    use super::*;

    #[derive(Default)]
    struct Slow {
        live: Mutex<HashSet<Subject>>,
        fails: Mutex<bool>,
    }

    #[async_trait]
    impl Subscriber for Slow {
        async fn subscribe(&self, subject: Subject) -> Result<(), BusError> {
            tokio::task::yield_now().await;
            if *self.fails.lock() {
                return Err(BusError::Unavailable(None));
            }
            self.live.lock().insert(subject);
            Ok(())
        }

        async fn unsubscribe(&self, subject: Subject) -> Result<(), BusError> {
            tokio::task::yield_now().await;
            self.live.lock().remove(&subject);
            Ok(())
        }
    }

    fn subject() -> Subject {
        Subject::Chat(ChatId::mint(Timestamp::from_micros(0), 1))
    }

    #[tokio::test]
    async fn a_late_unsubscribe_does_not_undo_a_newer_subscribe() {
        let bus = Arc::new(Slow::default());
        let interests = Interests::new(bus.clone());
        assert!(interests.hold(subject()).await);
        let (_, _) = tokio::join!(interests.release(subject()), interests.hold(subject()));
        assert!(bus.live.lock().contains(&subject()));
        interests.release(subject()).await;
        assert!(bus.live.lock().is_empty());
        assert!(interests.subjects.lock().is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn a_release_that_overtakes_its_hold_leaves_nothing_behind() {
        let bus = Arc::new(Slow::default());
        let interests = Interests::new(bus.clone());
        interests.release(subject()).await;
        interests.hold(subject()).await;
        assert!(bus.live.lock().is_empty());
        assert!(interests.subjects.lock().is_empty());
    }

    #[tokio::test]
    async fn what_the_bus_refused_is_tried_again() {
        let bus = Arc::new(Slow::default());
        let interests = Interests::new(bus.clone());
        *bus.fails.lock() = true;
        assert!(!interests.hold(subject()).await);
        assert!(!interests.retry().await);
        *bus.fails.lock() = false;
        assert!(interests.retry().await);
        assert!(bus.live.lock().contains(&subject()));
    }
}
