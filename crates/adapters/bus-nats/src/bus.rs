use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use petit_ports::{Announcement, Bus, BusError, Mailbox, Outlet, Subject, Subscriber};

use crate::{
    connect::{ConnectError, LARGEST, Settings, connect},
    shared::Shared,
    subscriber::NatsSubscriber,
};

/// Carries events between processes.
pub struct NatsBus(Arc<Shared>);

impl NatsBus {
    /// Connects to a server that is fit for it. From then on the connection is kept up for ever.
    ///
    /// # Errors
    /// If no server takes the connection, or the one that does is too old or not configured for this.
    pub async fn connect(settings: &Settings) -> Result<Self, ConnectError> {
        let (client, hook) = connect(settings).await?;
        let shared = Shared::new(client, &settings.prefix);
        let listening = shared.clone().listen_to_echoes().await;
        listening.map_err(|error| ConnectError::Unfit(error.to_string()))?;
        hook.set(&shared);
        let unfit = |_| {
            let prefix = &settings.prefix;
            ConnectError::Unfit(format!("this user may not publish and subscribe on {prefix}.>"))
        };
        shared.round_trip().await.map_err(unfit)?;
        Ok(Self(shared))
    }

    /// Lets what was published go out and ends the connection.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        let json = announcement.json();
        // Nothing stands for something that is too large: whoever hears it looks into the log.
        let payload = if json.len() <= LARGEST { json.clone() } else { Bytes::new() };
        self.0.publish(subject, payload).await
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        let (outlet, mailbox) = Outlet::open(capacity);
        Ok((Arc::new(NatsSubscriber::new(self.0.clone(), outlet)), mailbox))
    }
}
