//! The bus carries events between parts while they are live. It keeps nothing, may lose anything
//! and may deliver twice; the log and the clients' numbers make up for it.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use petit_domain::{ChatId, Envelope, Event, UserId};

/// Who an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everybody in a chat.
    Chat(ChatId),
    /// One person, on all their connections.
    User(UserId),
    /// Those who watch whether a person is here.
    Presence(UserId),
    /// Every node: sessions that ended.
    Sessions,
}

/// An event on its way, with its JSON made once for all who get it. Whoever carries it reads the envelope
/// alone, so that an event of a type that this version does not know is carried like any other.
#[derive(Debug)]
pub struct Announcement {
    envelope: Envelope,
    /// Read from the JSON when somebody asks for it; `None` in it if this version knows no such event.
    event: OnceLock<Option<Event>>,
    json: OnceLock<Bytes>,
    frame: OnceLock<Bytes>,
}

impl Announcement {
    /// Wraps an event.
    pub fn new(event: Event) -> Arc<Self> {
        let (envelope, event) = (event.envelope(), OnceLock::from(Some(event)));
        Arc::new(Self { envelope, event, json: OnceLock::new(), frame: OnceLock::new() })
    }

    /// Wraps an event that came as JSON from another process, and keeps those bytes. Only its envelope is
    /// read.
    ///
    /// # Errors
    /// If there is no envelope in it. Whoever receives such bytes has lost an event.
    pub fn received(json: Bytes) -> Result<Arc<Self>, serde_json::Error> {
        let envelope = Envelope::read(&json)?;
        let (event, json) = (OnceLock::new(), OnceLock::from(json));
        Ok(Arc::new(Self { envelope, event, json, frame: OnceLock::new() }))
    }

    /// The envelope: number, chat, weight and for whom it is, whatever the event.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The event; `None` if this version knows no such type, or another shape of it.
    pub fn event(&self) -> Option<&Event> {
        let read = || self.json.get().and_then(|json| serde_json::from_slice(json).ok());
        self.event.get_or_init(read).as_ref()
    }

    /// The event as JSON, encoded at the first call.
    pub fn json(&self) -> &Bytes {
        self.json.get_or_init(|| serde_json::to_vec(&self.event()).map(Bytes::from).unwrap_or_default())
    }

    /// The bytes a gateway writes for this event, made by `encode` at the first call and shared by
    /// every connection after it. One process has one wire form, so one slot is enough.
    pub fn frame(&self, encode: impl FnOnce(&Bytes) -> Bytes) -> &Bytes {
        self.frame.get_or_init(|| encode(self.json()))
    }
}

/// What arrives in a mailbox.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// An event published on a subject the mailbox subscribed to.
    Event(Subject, Arc<Announcement>),
    /// Events were lost, any of them: whoever relies on them compares heads with the log.
    Lagged,
}

/// Receives what a subscriber's subjects carry.
pub type Mailbox = tokio::sync::mpsc::Receiver<Delivery>;

/// Why the bus did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The bus cannot be reached. Live delivery is late until it can; nothing is lost.
    #[error("the bus is unavailable")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

/// Carries events to those who subscribed.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Publishes an event to everybody subscribed to `subject` at this moment. Events that one task
    /// publishes one after the other on one subject arrive in that order or not at all. Never waits
    /// for a slow receiver: such a one gets [`Delivery::Lagged`]. An event arrives with the bytes it had,
    /// whether the processes on its way know its type or not.
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError>;

    /// Opens a mailbox with no subject yet, for up to `capacity` waiting deliveries.
    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError>;
}

/// The subjects of one mailbox. Dropping the last handle closes the mailbox.
#[async_trait]
pub trait Subscriber: Send + Sync {
    /// From when this returns, events of `subject` reach the mailbox. Subscribing twice is the same as once.
    async fn subscribe(&self, subject: Subject) -> Result<(), BusError>;

    /// From when this returns, no later event of `subject` reaches the mailbox. Unknown subjects are fine.
    async fn unsubscribe(&self, subject: Subject) -> Result<(), BusError>;
}
