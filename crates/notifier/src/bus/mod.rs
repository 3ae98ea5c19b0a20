//! The bus as a plexer has it that reaches no bus itself: everything is heard through a notifier.

mod link;

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_ports::{Announcement, Bus, BusError, Delivery, Mailbox, Subject, Subscriber};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tonic::Status;

use self::link::{Command, Link};
use crate::{
    Peers,
    wire::{proto::PublishRequest, subject_out},
};

/// How long a call may take before it is said that the bus does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a new mailbox is waited for. It is there then, even if no notifier answers yet.
const FIRST: Duration = Duration::from_secs(1);
/// How many changes of subscriptions may wait.
const COMMANDS: usize = 256;

/// Publishes to and listens through the notifiers. Any of them will do; when one is gone the next is
/// taken, and every mailbox hears that it may have lost something.
#[derive(Debug)]
pub struct NotifierBus {
    peers: Arc<Peers>,
    node: uuid::Uuid,
}

impl NotifierBus {
    /// A bus over these notifiers. `node` names this run of the process.
    pub fn new(peers: Arc<Peers>, node: uuid::Uuid) -> Self {
        Self { peers, node }
    }

    async fn publish_once(&self, request: PublishRequest) -> Result<(), BusError> {
        let Some((mark, peer)) = self.peers.any() else { return Err(BusError::Unavailable(None)) };
        let answered = timeout(PATIENCE, peer.client().publish(request)).await;
        let answered = answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")));
        answered.map(drop).map_err(|status| {
            self.peers.give_up(mark);
            BusError::Unavailable(Some(status.into()))
        })
    }
}

#[async_trait]
impl Bus for NotifierBus {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        let request =
            PublishRequest { subject: Some(subject_out(subject)), json: announcement.json().clone() };
        match self.publish_once(request.clone()).await {
            Err(_) if self.peers.len() > 1 => self.publish_once(request).await,
            result => result,
        }
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        let capacity = u32::try_from(capacity.max(1)).unwrap_or(u32::MAX);
        // One more than may wait, for saying that something was lost.
        let (sender, mailbox) = mpsc::channel(capacity as usize + 1);
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (connected, mut is_connected) = watch::channel(false);
        let own = Arc::<Own>::default();
        let ends = Ends { mailbox: sender, own: own.clone(), connected };
        tokio::spawn(Link::new(self.peers.clone(), self.node, capacity, ends).run(inbox));
        let _ = timeout(FIRST, is_connected.wait_for(|connected| *connected)).await;
        Ok((Arc::new(Remote { commands, own, is_connected }), mailbox))
    }
}

/// The subjects of one mailbox that are subscribed, or are about to be.
type Own = Mutex<HashSet<Subject>>;

/// What a link shares with the owner of its mailbox.
struct Ends {
    mailbox: mpsc::Sender<Delivery>,
    own: Arc<Own>,
    connected: watch::Sender<bool>,
}

struct Remote {
    commands: mpsc::Sender<Command>,
    own: Arc<Own>,
    is_connected: watch::Receiver<bool>,
}

impl Remote {
    fn is_connected(&self) -> bool {
        *self.is_connected.borrow()
    }

    async fn ask(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) -> Result<(), BusError> {
        let (done, answer) = oneshot::channel();
        let asked = async {
            self.commands.send(command(done)).await.ok()?;
            answer.await.ok()
        };
        match timeout(PATIENCE, asked).await {
            Ok(Some(())) => Ok(()),
            _ => Err(BusError::Unavailable(None)),
        }
    }
}

#[async_trait]
impl Subscriber for Remote {
    async fn subscribe(&self, subject: Subject) -> Result<(), BusError> {
        if !self.is_connected() {
            return Err(BusError::Unavailable(None));
        }
        self.ask(|done| Command::Subscribe(subject, done)).await
    }

    async fn unsubscribe(&self, subject: Subject) -> Result<(), BusError> {
        // From here on the link drops what still comes of it, and leaves it out when it connects again.
        if !self.own.lock().remove(&subject) || !self.is_connected() {
            return Ok(());
        }
        self.ask(|done| Command::Unsubscribe(subject, done)).await
    }
}
