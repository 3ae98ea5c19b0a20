use std::sync::Arc;

use petit_domain::{SessionId, Timestamp, UserId};
use petit_ports::{Announcement, Bus, Clock, Random, Store, Subject};
use serde::{Deserialize, Serialize};

use crate::{
    access::{self, ChatRules, Memberships},
    announcer::Announcer,
    follow::Follow,
    lookout::Lookout,
    mentions::{self, Usernames},
    reactions::Paces,
    receipts,
    scheduled::{self, waiting::Waiting},
    seal::Seal,
    sessions::{self, SessionMemory},
    tickets::UsedTickets,
    timers::Figures,
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// Their session.
    pub session: SessionId,
}

/// What an application is made of.
pub struct Parts {
    /// The store's ports.
    pub store: Store,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub random: Arc<dyn Random>,
    /// The installation's secret: signs cursors, tickets and tokens.
    pub secret: [u8; 32],
}

/// The services with their ports and memories.
pub struct App {
    store: Store,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    seal: Seal,
    pub(crate) announcer: Announcer,
    follow: Arc<Follow>,
    pub(crate) lookout: Lookout,
    pub(crate) memberships: Memberships,
    pub(crate) chat_rules: ChatRules,
    pub(crate) reactions: Paces,
    pub(crate) receipts: receipts::Desk,
    pub(crate) scheduled_waiting: Waiting,
    pub(crate) session_cache: SessionMemory,
    timers: Arc<Figures>,
    pub(crate) used_tickets: UsedTickets,
    pub(crate) usernames: Usernames,
}

impl App {
    /// Puts the parts together and starts the announcer. Needs a tokio runtime.
    pub fn start(parts: Parts) -> Arc<Self> {
        let announcer = Announcer::start(&parts.store, parts.bus.clone());
        let follow = Arc::<Follow>::default();
        parts.store.log_writer.observe(follow.in_front_of(announcer.observer()));
        let reactions = Paces::new(&parts.store, parts.clock.clone());
        let receipts = receipts::Desk::new(&parts.store, parts.bus.clone());
        Arc::new(Self {
            store: parts.store,
            bus: parts.bus,
            clock: parts.clock,
            random: parts.random,
            seal: Seal::new(parts.secret),
            announcer,
            follow,
            lookout: Lookout::default(),
            memberships: access::memberships(),
            chat_rules: access::chat_rules(),
            reactions,
            receipts,
            scheduled_waiting: scheduled::waiting::waiting(),
            session_cache: sessions::memory(),
            timers: Arc::default(),
            used_tickets: UsedTickets::default(),
            usernames: mentions::usernames(),
        })
    }

    /// The store's ports.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The bus, to listen on. Publishing is for the services.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.bus
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The source of randomness.
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }

    /// What signs for the installation.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// How timers go in this process.
    pub fn timers(&self) -> &Arc<Figures> {
        &self.timers
    }

    /// The followers of this process.
    pub fn follow(&self) -> &Arc<Follow> {
        &self.follow
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A token that [`App::verify`] believes for the same purpose.
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> String {
        self.seal.sign(purpose, payload)
    }

    /// The payload of a token this installation signed for this purpose.
    pub fn verify(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        self.seal.verify(purpose, token)
    }

    /// Waits until everything that is durable by now has been announced, and what clients said by now was taken in.
    pub async fn settle(&self) {
        self.receipts.rest().await;
        self.reactions.rest().await;
        self.announcer.settle().await;
    }

    /// Publishes an event. It is a hint: if the bus does not take it, screens are late until they compare numbers.
    pub(crate) async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) {
        if let Err(error) = self.bus.publish(subject, announcement).await {
            tracing::warn!(%error, "could not announce on {subject:?}");
        }
    }
}
