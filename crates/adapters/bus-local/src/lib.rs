//! The bus inside one process: pointers in bounded channels.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use dashmap::DashMap;
use parking_lot::Mutex;
use petit_ports::{Announcement, Bus, BusError, Delivery, Mailbox, Outlet, Subject, Subscriber};

/// Carries events between parts of one process.
#[derive(Default)]
pub struct LocalBus {
    subjects: Arc<Subjects>,
}

type Subjects = DashMap<Subject, Vec<Arc<Outlet>>>;

impl LocalBus {
    /// A bus that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
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
        let (receiver, mailbox) = Outlet::open(capacity);
        let subscriber =
            LocalSubscriber { subjects: Arc::downgrade(&self.subjects), receiver, own: Mutex::default() };
        Ok((Arc::new(subscriber), mailbox))
    }
}

struct LocalSubscriber {
    subjects: Weak<Subjects>,
    receiver: Arc<Outlet>,
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
