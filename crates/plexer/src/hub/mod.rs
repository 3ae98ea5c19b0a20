//! Who hears what: connections, the people behind them, and the events of the bus for both.

mod compare;
mod dispatch;
mod heard;
mod index;
mod interests;
mod pace;
mod watching;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, RwLock};
use petit_app::{AppError, Caller};
use petit_domain::{ChatId, Head, Presence, UserId};
use petit_ports::{Announcement, BusError, Subject};
use petit_protocol::Cursors;

use self::{
    compare::Canary,
    index::{Enrolled, Index, Touched, subjects},
    interests::Interests,
};
use crate::{
    backstage::Stage,
    connection::{Connection, Kind, Link},
    heads::{Heads, LogHeads},
    presence::{LocalBoard, PresenceBoard, Shown},
    settings::Settings,
};

/// How many deliveries may wait for the dispatcher before the bus says that some were lost.
const MAILBOX: usize = 16 * 1024;

/// What a plexer has together with other nodes.
pub struct Neighbours {
    /// Where presence is brought together.
    pub board: Arc<dyn PresenceBoard>,
    /// Who knows the newest numbers of chats.
    pub heads: Arc<dyn Heads>,
}

impl Neighbours {
    /// A plexer without others.
    pub fn none(stage: &Stage, settings: &Settings) -> Self {
        let (bus, clock) = (stage.bus.clone(), stage.clock.clone());
        let board = LocalBoard::new(bus, clock, settings.offline_after, settings.presence_every);
        Self { board: Arc::new(board), heads: Arc::new(LogHeads::new(stage.backstage.clone())) }
    }
}

/// Everything that is known of the connections of this node.
pub(crate) struct Hub {
    stage: Stage,
    index: Mutex<Index>,
    interests: Interests,
    connections: RwLock<HashMap<u64, Arc<Connection>>>,
    board: Arc<dyn PresenceBoard>,
    heads: Arc<dyn Heads>,
    canary: Canary,
    /// Held by who changes a list of watched people.
    watching: tokio::sync::Mutex<()>,
    gather: Duration,
}

impl Hub {
    /// Opens a mailbox on the bus and begins to empty it.
    pub(crate) async fn start(
        stage: Stage,
        neighbours: Neighbours,
        settings: &Settings,
    ) -> Result<Arc<Self>, BusError> {
        let (subscriber, mailbox) = stage.bus.attach(MAILBOX).await?;
        let canary = Canary::new(UserId::mint(stage.now(), stage.random.next_u64()));
        let hub = Arc::new(Self {
            index: Mutex::default(),
            interests: Interests::new(subscriber),
            connections: RwLock::default(),
            board: neighbours.board,
            heads: neighbours.heads,
            canary,
            watching: tokio::sync::Mutex::default(),
            gather: settings.gather,
            stage,
        });
        hub.interests.hold(Subject::Sessions).await;
        hub.interests.hold(Subject::Presence(hub.canary.name)).await;
        tokio::spawn(dispatch::run(Arc::downgrade(&hub), mailbox));
        tokio::spawn(compare::run(Arc::downgrade(&hub), settings.clone()));
        Ok(hub)
    }

    /// A connection that is not known yet.
    pub(crate) fn open(&self, kind: Kind, link: Link) -> Arc<Connection> {
        let mut connections = self.connections.write();
        let id = loop {
            let id = self.stage.random.next_u64();
            if !connections.contains_key(&id) {
                break id;
            }
        };
        let connection = Connection::new(id, kind, link, Instant::now());
        connections.insert(id, connection.clone());
        connection
    }

    /// The connection of this name, with or without a socket.
    pub(crate) fn find(&self, id: u64) -> Option<Arc<Connection>> {
        self.connections.read().get(&id).cloned()
    }

    /// All connections, with or without a socket.
    pub(crate) fn all(&self) -> Vec<Arc<Connection>> {
        self.connections.read().values().cloned().collect()
    }

    /// Whether any connection still has a socket.
    pub(crate) fn has_sockets(&self) -> bool {
        self.connections.read().values().any(|connection| connection.presence().is_some())
    }

    /// Lets a connection hear what its person may hear. Events that come from now on are held until
    /// the connection goes live, so that a replay can be put before them without a gap.
    pub(crate) async fn register(
        &self,
        connection: &Arc<Connection>,
        caller: Caller,
    ) -> Result<(), AppError> {
        connection.with(|state| state.send_queue.hold());
        connection.identify(caller);
        self.index.lock().seat(connection, caller.user);
        self.observe_presence(caller.user).await;
        self.interests.hold(Subject::User(caller.user)).await;
        self.enroll(caller.user).await.map(drop)
    }

    /// Reads the person's chats and listens to them. Whoever is added or removed meanwhile is seen in
    /// the version, and the list is read again: neither a new chat nor a lost right can slip through.
    async fn enroll(&self, user: UserId) -> Result<Enrolled, AppError> {
        let enrolled = loop {
            let version = self.index.lock().version(user);
            let chats = self.stage.backstage.chats(user).await?;
            if let Some(enrolled) = self.index.lock().enroll(user, version, &chats) {
                break enrolled;
            }
        };
        for subject in subjects(&enrolled.added) {
            self.interests.hold(subject).await;
        }
        for subject in subjects(&enrolled.kept) {
            self.interests.reconcile(subject).await;
        }
        for subject in subjects(&enrolled.removed) {
            self.interests.release(subject).await;
        }
        Ok(enrolled)
    }

    /// Reads the chats of somebody again who may have missed how they came to be theirs, or ceased to be.
    async fn read_again(&self, user: UserId) -> Result<(), AppError> {
        let Enrolled { mut added, mut removed, .. } = self.enroll(user).await?;
        if !removed.is_empty() {
            self.recheck_watching(user).await;
        }
        added.append(&mut removed);
        if !added.is_empty() {
            let mut touched = Touched::new();
            self.index.lock().person_is_dirty(user, &added, Instant::now(), &mut touched);
            touched.iter().for_each(|connection| connection.wake());
        }
        Ok(())
    }

    /// Forgets a connection for good.
    pub(crate) async fn forget(&self, connection: &Arc<Connection>) {
        if self.connections.write().remove(&connection.id).is_none() {
            return;
        }
        let Some(caller) = connection.caller() else { return };
        self.unwatch_all(connection).await;
        let chats = self.index.lock().unseat(connection, caller.user);
        for subject in subjects(&chats).chain([Subject::User(caller.user)]) {
            self.interests.release(subject).await;
        }
        self.observe_presence(caller.user).await;
    }

    /// The person was added to a chat. Chats nobody here was in begin to be heard, and what was said
    /// before that was so is fetched from the log.
    async fn join(&self, user: UserId, chat: ChatId, head: Head) {
        if !self.interests.hold(Subject::Chat(chat)).await {
            return;
        }
        match self.stage.backstage.missed(user, Cursors::from([(chat, head)])).await {
            Ok(missed) => missed.events.iter().for_each(|event| self.give(user, event)),
            Err(error) => tracing::warn!(%error, "could not look for what a new chat already said"),
        }
    }

    fn give(&self, user: UserId, event: &Arc<Announcement>) {
        let mut touched = Touched::new();
        self.index.lock().reach_user(user, event, Instant::now(), &mut touched);
        touched.iter().for_each(|connection| connection.flush());
    }

    /// Reduces what the person's connections say, and reports it.
    pub(crate) async fn observe_presence(&self, user: UserId) {
        let real = self.reduce(user);
        self.board.report(user, real).await;
    }

    fn reduce(&self, user: UserId) -> Presence {
        let index = self.index.lock();
        let here = index.connections_of(user).iter().filter_map(|connection| connection.presence());
        here.fold(Presence::Offline, |so_far, active| match (so_far, active) {
            (Presence::Online, _) | (_, true) => Presence::Online,
            _ => Presence::Away,
        })
    }

    /// Tells what has become due of people's coming and going.
    pub(crate) async fn tell_due_presences(&self) {
        self.board.sweep().await;
    }

    /// What others see of people, in the order of the question.
    pub(crate) async fn shown(&self, users: &[UserId]) -> Vec<Shown> {
        self.board.shown(users).await
    }

    /// Subscribes what the bus refused before; whoever listened meanwhile may have missed something.
    pub(crate) async fn retry_subscriptions(&self) {
        if self.interests.retry().await {
            self.everything_is_dirty();
        }
    }

    /// Anything may have been lost: everybody compares numbers.
    fn everything_is_dirty(&self) {
        let mut touched = Touched::new();
        self.index.lock().everything_is_dirty(Instant::now(), &mut touched);
        touched.iter().for_each(|connection| connection.wake());
    }
}
