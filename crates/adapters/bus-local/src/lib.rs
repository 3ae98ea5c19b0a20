//! The bus inside one process: pointers in bounded channels.

use std::{
    collections::HashSet,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use dashmap::DashMap;
use parking_lot::Mutex;
use petit_ports::{Announcement, Bus, BusError, Delivery, Mailbox, Subject, Subscriber};
use tokio::sync::mpsc::{self, error::TrySendError};

/// Carries events between parts of one process.
#[derive(Default)]
pub struct LocalBus {
    subjects: Arc<Subjects>,
}

type Subjects = DashMap<Subject, Vec<Arc<Receiver>>>;

impl LocalBus {
    /// A bus that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Where one mailbox's deliveries go in.
struct Receiver {
    sender: mpsc::Sender<Delivery>,
    lagged: AtomicBool,
}

impl Receiver {
    /// Never waits. The last slot is for saying that something was lost, so a mailbox hears of it even if
    /// nothing comes afterwards.
    fn deliver(&self, delivery: Delivery) {
        if self.sender.capacity() > 1 {
            self.lagged.store(false, Ordering::Release);
            if !matches!(self.sender.try_send(delivery), Err(TrySendError::Full(_))) {
                return;
            }
        }
        if !self.lagged.swap(true, Ordering::AcqRel) && self.sender.try_send(Delivery::Lagged).is_err() {
            self.lagged.store(false, Ordering::Release);
        }
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        if let Some(receivers) = self.subjects.get(&subject) {
            for receiver in receivers.iter() {
                receiver.deliver(Delivery::Event(subject, announcement.clone()));
            }
        }
        Ok(())
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        let (sender, mailbox) = mpsc::channel(capacity.max(1) + 1);
        let receiver = Arc::new(Receiver { sender, lagged: AtomicBool::new(false) });
        let subscriber =
            LocalSubscriber { subjects: Arc::downgrade(&self.subjects), receiver, own: Mutex::default() };
        Ok((Arc::new(subscriber), mailbox))
    }
}

struct LocalSubscriber {
    subjects: Weak<Subjects>,
    receiver: Arc<Receiver>,
    own: Mutex<HashSet<Subject>>,
}

impl LocalSubscriber {
    fn leave(&self, subject: &Subject) {
        let Some(subjects) = self.subjects.upgrade() else { return };
        if let Some(mut receivers) = subjects.get_mut(subject) {
            receivers.retain(|receiver| !Arc::ptr_eq(receiver, &self.receiver));
        }
        subjects.remove_if(subject, |_, receivers| receivers.is_empty());
    }
}

#[async_trait]
impl Subscriber for LocalSubscriber {
    async fn subscribe(&self, subject: Subject) -> Result<(), BusError> {
        let subjects = self.subjects.upgrade().ok_or(BusError::Unavailable(None))?;
        if self.own.lock().insert(subject) {
            subjects.entry(subject).or_default().push(self.receiver.clone());
        }
        Ok(())
    }

    async fn unsubscribe(&self, subject: Subject) -> Result<(), BusError> {
        if self.own.lock().remove(&subject) {
            self.leave(&subject);
        }
        Ok(())
    }
}

impl Drop for LocalSubscriber {
    fn drop(&mut self) {
        let own = std::mem::take(&mut *self.own.lock());
        for subject in &own {
            self.leave(subject);
        }
    }
}
