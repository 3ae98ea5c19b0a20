use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::{Delivery, Mailbox};

/// Where the deliveries of one mailbox go in. For buses that end in channels of this process.
pub struct Outlet {
    sender: mpsc::Sender<Delivery>,
    lagged: AtomicBool,
}

impl Outlet {
    /// A mailbox for up to `capacity` waiting deliveries, and where they go in. Dropping the last outlet
    /// closes the mailbox.
    pub fn open(capacity: usize) -> (Arc<Self>, Mailbox) {
        let (sender, mailbox) = mpsc::channel(capacity.max(1) + 1);
        (Arc::new(Self { sender, lagged: AtomicBool::new(false) }), mailbox)
    }

    /// Puts a delivery in, or a mark that something was lost. Never waits. The last slot is for the mark, so
    /// a mailbox hears of a loss even if nothing comes afterwards.
    pub fn deliver(&self, delivery: Delivery) {
        if self.sender.capacity() > 1 {
            self.lagged.store(false, Ordering::Release);
            if !matches!(self.sender.try_send(delivery), Err(TrySendError::Full(_))) {
                return;
            }
        }
        self.lag();
    }

    /// Says that something was lost, once until the next delivery.
    pub fn lag(&self) {
        if !self.lagged.swap(true, Ordering::AcqRel) && self.sender.try_send(Delivery::Lagged).is_err() {
            self.lagged.store(false, Ordering::Release);
        }
    }
}
