use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, SubscribeError, connection::State};
use bytes::Bytes;
use futures_util::StreamExt;
use parking_lot::Mutex;
use petit_ports::{BusError, Outlet, Subject};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{subject::name, topic::Topic};

/// How long the connection may take what is published before it counts as down.
const PUBLISHING: Duration = Duration::from_millis(250);
/// How long the server may take to answer.
const ROUND_TRIP: Duration = Duration::from_secs(2);

/// A subject somebody listens on, and the task that feeds it.
pub(crate) struct Held {
    pub(crate) topic: Arc<Topic>,
    feeding: JoinHandle<()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        // The subscription ends with its stream.
        self.feeding.abort();
    }
}

pub(crate) struct Shared {
    client: Client,
    prefix: String,
    /// Held while a subscription is made, so that each subject has one.
    pub(crate) topics: tokio::sync::Mutex<HashMap<Subject, Held>>,
    /// The same topics, for what cannot wait.
    pub(crate) listed: Mutex<Vec<Arc<Topic>>>,
    echo: String,
    awaited: Mutex<HashMap<u64, oneshot::Sender<()>>>,
    echoes: AtomicU64,
}

impl Shared {
    /// The connection of one process, with a subject of its own for its echoes.
    pub(crate) fn new(client: Client, prefix: &str) -> Arc<Self> {
        let echo = format!("{prefix}.e.{}", client.new_inbox().replace('.', ""));
        Arc::new(Self {
            client,
            prefix: prefix.to_owned(),
            topics: tokio::sync::Mutex::default(),
            listed: Mutex::default(),
            echo,
            awaited: Mutex::default(),
            echoes: AtomicU64::new(0),
        })
    }

    pub(crate) fn lag_everybody(&self) {
        self.listed.lock().iter().for_each(|topic| topic.lag());
    }

    pub(crate) async fn listen_to_echoes(self: Arc<Self>) -> Result<(), SubscribeError> {
        let mut echoes = self.client.subscribe(self.echo.clone()).await?;
        let weak = Arc::downgrade(&self);
        tokio::spawn(async move {
            while let Some(echo) = echoes.next().await {
                let Some(shared) = weak.upgrade() else { return };
                let number = <[u8; 8]>::try_from(&echo.payload[..]).map(u64::from_be_bytes);
                if let Some(waiting) = number.ok().and_then(|number| shared.awaited.lock().remove(&number)) {
                    let _ = waiting.send(());
                }
            }
        });
        Ok(())
    }

    /// Lets what was published go out and ends the connection.
    pub(crate) async fn close(&self) {
        let _ = tokio::time::timeout(ROUND_TRIP, self.client.flush()).await;
        let _ = tokio::time::timeout(ROUND_TRIP, self.client.drain()).await;
    }

    /// Returns once the server has done all that was asked of it before: it answers in order.
    pub(crate) async fn round_trip(&self) -> Result<(), BusError> {
        let number = self.echoes.fetch_add(1, Ordering::Relaxed);
        let (sender, heard) = oneshot::channel();
        self.awaited.lock().insert(number, sender);
        let asked = self.send(self.echo.clone(), Bytes::copy_from_slice(&number.to_be_bytes())).await;
        let answered = match asked {
            Ok(()) => tokio::time::timeout(ROUND_TRIP, heard).await.is_ok_and(|heard| heard.is_ok()),
            Err(_) => false,
        };
        self.awaited.lock().remove(&number);
        if answered { Ok(()) } else { Err(BusError::Unavailable(None)) }
    }

    /// Sends an event to whoever listens.
    pub(crate) async fn publish(&self, subject: Subject, payload: Bytes) -> Result<(), BusError> {
        self.send(name(&self.prefix, subject), payload).await
    }

    async fn send(&self, subject: String, payload: Bytes) -> Result<(), BusError> {
        if self.client.connection_state() != State::Connected {
            return Err(BusError::Unavailable(None));
        }
        match tokio::time::timeout(PUBLISHING, self.client.publish(subject, payload)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(BusError::Unavailable(Some(Box::new(error)))),
            Err(late) => Err(BusError::Unavailable(Some(Box::new(late)))),
        }
    }

    /// Lets an outlet hear a subject. The server knows of it when this returns.
    pub(crate) async fn enter(&self, subject: Subject, outlet: &Arc<Outlet>) -> Result<(), BusError> {
        let mut topics = self.topics.lock().await;
        if let Some(held) = topics.get(&subject) {
            held.topic.enter(outlet.clone());
            return Ok(());
        }
        let subscribed = self.client.subscribe(name(&self.prefix, subject)).await;
        let subscription = subscribed.map_err(|error| BusError::Unavailable(Some(Box::new(error))))?;
        let topic = Topic::new(subject, outlet.clone());
        let feeding = tokio::spawn(topic.clone().feed(subscription));
        self.listed.lock().push(topic.clone());
        topics.insert(subject, Held { topic, feeding });
        drop(topics);
        // While the connection is down the client keeps the subscription and makes it when it is back; then
        // everybody is told that something was lost.
        let _ = self.round_trip().await;
        Ok(())
    }

    pub(crate) async fn leave(&self, subject: Subject, outlet: &Arc<Outlet>) {
        let mut topics = self.topics.lock().await;
        let is_empty = topics.get(&subject).is_some_and(|held| held.topic.leave(outlet));
        if is_empty && let Some(held) = topics.remove(&subject) {
            self.listed.lock().retain(|topic| !Arc::ptr_eq(topic, &held.topic));
        }
    }
}
