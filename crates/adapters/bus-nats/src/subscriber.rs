use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_ports::{BusError, Outlet, Subject, Subscriber};

use crate::shared::Shared;

/// The subjects of one mailbox.
pub(crate) struct NatsSubscriber {
    shared: Arc<Shared>,
    outlet: Arc<Outlet>,
    own: Mutex<HashSet<Subject>>,
}

impl NatsSubscriber {
    pub(crate) fn new(shared: Arc<Shared>, outlet: Arc<Outlet>) -> Self {
        Self { shared, outlet, own: Mutex::default() }
    }
}

#[async_trait]
impl Subscriber for NatsSubscriber {
    async fn subscribe(&self, subject: Subject) -> Result<(), BusError> {
        if !self.own.lock().insert(subject) {
            return Ok(());
        }
        let entered = self.shared.enter(subject, &self.outlet).await;
        if entered.is_err() {
            self.own.lock().remove(&subject);
        }
        entered
    }

    async fn unsubscribe(&self, subject: Subject) -> Result<(), BusError> {
        if self.own.lock().remove(&subject) {
            self.shared.leave(subject, &self.outlet).await;
        }
        Ok(())
    }
}

impl Drop for NatsSubscriber {
    fn drop(&mut self) {
        let (shared, outlet) = (self.shared.clone(), self.outlet.clone());
        let own = std::mem::take(&mut *self.own.lock());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            for subject in own {
                shared.leave(subject, &outlet).await;
            }
        });
    }
}
