use std::sync::Arc;

use futures_util::StreamExt;
use parking_lot::Mutex;
use petit_ports::{Announcement, Delivery, Outlet, Subject};

/// Everybody in this process who listens on one subject, fed by one subscription.
pub(crate) struct Topic {
    subject: Subject,
    outlets: Mutex<Vec<Arc<Outlet>>>,
}

impl Topic {
    pub(crate) fn new(subject: Subject, first: Arc<Outlet>) -> Arc<Self> {
        Arc::new(Self { subject, outlets: Mutex::new(vec![first]) })
    }

    pub(crate) fn enter(&self, outlet: Arc<Outlet>) {
        self.outlets.lock().push(outlet);
    }

    /// Whether nobody is left.
    pub(crate) fn leave(&self, outlet: &Arc<Outlet>) -> bool {
        let mut outlets = self.outlets.lock();
        outlets.retain(|other| !Arc::ptr_eq(other, outlet));
        outlets.is_empty()
    }

    pub(crate) fn lag(&self) {
        self.outlets.lock().iter().for_each(|outlet| outlet.lag());
    }

    /// Passes on what comes until the subscription ends.
    pub(crate) async fn feed(self: Arc<Self>, mut subscription: async_nats::Subscriber) {
        while let Some(message) = subscription.next().await {
            // What was too large to be sent is found in the log.
            match Announcement::received(message.payload) {
                Ok(announcement) => self.deliver(&announcement),
                Err(_) => self.lag(),
            }
        }
    }

    fn deliver(&self, announcement: &Arc<Announcement>) {
        for outlet in self.outlets.lock().iter() {
            outlet.deliver(Delivery::Event(self.subject, announcement.clone()));
        }
    }
}
