use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_domain::{Event, Presence, UserId};
use petit_ports::{Announcement, Bus, Clock, Subject};

use super::{Registry, Shown};

/// Where it is brought together whether people are here, over all nodes they are connected to, and from
/// where changes are told on the bus.
#[async_trait]
pub trait PresenceBoard: Send + Sync {
    /// Notes what the connections of this node say of a person. Repeating it changes nothing. Never waits
    /// for another process.
    async fn report(&self, user: UserId, presence: Presence);

    /// How these people are shown now, in the order of the question. When other nodes cannot be asked,
    /// what this node knows.
    async fn shown(&self, users: &[UserId]) -> Vec<Shown>;

    /// Tells what has become due by the clock. Called every now and then.
    async fn sweep(&self);
}

/// The board of a single process, or of a node that has nobody to bring its people together with others'.
pub struct LocalBoard {
    registry: Mutex<Registry>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
}

impl LocalBoard {
    /// A board that tells changes on this bus.
    pub fn new(
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        offline_after: Duration,
        at_most_every: Duration,
    ) -> Self {
        let registry = Mutex::new(Registry::new(offline_after, at_most_every, clock.now()));
        Self { registry, bus, clock }
    }

    /// Notes what is said of a person. Answers what is to be told at once.
    pub fn observe(&self, user: UserId, presence: Presence) -> Option<Shown> {
        self.registry.lock().observe(user, presence, Instant::now(), self.clock.now())
    }

    /// What has become due, to be told.
    pub fn due(&self) -> Vec<(UserId, Shown)> {
        self.registry.lock().due(Instant::now(), self.clock.now())
    }

    /// How a person is shown.
    pub fn shown_now(&self, user: UserId) -> Shown {
        self.registry.lock().shown(user)
    }

    /// Tells those who watch a person. A hint: when the bus does not take it nobody hears of it.
    pub async fn tell(&self, user: UserId, Shown { presence, since }: Shown) {
        let event = Announcement::new(Event::PresenceChanged { user, presence, since });
        if let Err(error) = self.bus.publish(Subject::Presence(user), event).await {
            tracing::debug!(%error, "nobody hears who came or went");
        }
    }
}

#[async_trait]
impl PresenceBoard for LocalBoard {
    async fn report(&self, user: UserId, presence: Presence) {
        if let Some(shown) = self.observe(user, presence) {
            self.tell(user, shown).await;
        }
    }

    async fn shown(&self, users: &[UserId]) -> Vec<Shown> {
        let registry = self.registry.lock();
        users.iter().map(|user| registry.shown(*user)).collect()
    }

    async fn sweep(&self) {
        for (user, shown) in self.due() {
            self.tell(user, shown).await;
        }
    }
}
