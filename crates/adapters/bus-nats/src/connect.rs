use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Event};

use crate::shared::Shared;

/// The first version whose behaviour is relied on.
const OLDEST: (i64, i64, i64) = (2, 14, 0);
/// The largest event that is sent as it is.
pub(crate) const LARGEST: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);
/// How many deliveries may wait for one subject of this process before NATS drops some.
const WAITING: usize = 64 * 1024;

/// Which NATS, and which part of its subjects.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Servers of one cluster, such as `nats://127.0.0.1:4222`.
    pub servers: Vec<String>,
    /// User and password, if the servers ask for them.
    pub login: Option<(String, String)>,
    /// What every subject begins with.
    pub prefix: String,
}

/// Why the bus cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No server takes the connection: none answers, or the password is wrong.
    #[error("NATS takes no connection: {0}")]
    Refused(String),
    /// The server is too old.
    #[error("NATS {0} is too old; 2.14 or newer is needed")]
    Old(String),
    /// The server's configuration does not do.
    #[error("NATS is not configured for this: {0}")]
    Unfit(String),
}

/// Connects, and checks that the server is one to rely on.
pub(crate) async fn connect(settings: &Settings) -> Result<(Client, Arc<Hook>), ConnectError> {
    let hook = Arc::new(Hook::default());
    let told = hook.clone();
    let mut options = ConnectOptions::new()
        .name("petit")
        .connection_timeout(PATIENCE)
        .subscription_capacity(WAITING)
        .ping_interval(Duration::from_secs(10))
        .max_reconnects(None)
        .reconnect_delay_callback(|tries| Duration::from_millis((50 << tries.min(5)).min(1_500)))
        .event_callback(move |event| {
            told.hear(&event);
            std::future::ready(())
        });
    if let Some((user, password)) = &settings.login {
        options = options.user_and_password(user.clone(), password.clone());
    }
    let connecting = tokio::time::timeout(PATIENCE, options.connect(settings.servers.join(",")));
    let client = connecting
        .await
        .map_err(|_| ConnectError::Refused("no answer within five seconds".into()))?
        .map_err(|error| ConnectError::Refused(error.to_string()))?;
    fit(&client)?;
    Ok((client, hook))
}

fn fit(client: &Client) -> Result<(), ConnectError> {
    let info = client.server_info();
    let (major, minor, patch) = OLDEST;
    if !client.is_server_compatible(major, minor, patch) {
        return Err(ConnectError::Old(info.version));
    }
    if info.max_payload < LARGEST {
        return Err(ConnectError::Unfit(format!("max_payload is {}, less than {LARGEST}", info.max_payload)));
    }
    Ok(())
}

/// What the connection says goes to the bus, once there is one.
#[derive(Default)]
pub(crate) struct Hook(OnceLock<Weak<Shared>>);

impl Hook {
    pub(crate) fn set(&self, shared: &Arc<Shared>) {
        let _ = self.0.set(Arc::downgrade(shared));
    }

    fn hear(&self, event: &Event) {
        let Some(shared) = self.0.get().and_then(Weak::upgrade) else { return };
        match event {
            Event::Connected | Event::SlowConsumer(_) => shared.lag_everybody(),
            Event::ServerError(_) | Event::ClientError(_) => tracing::warn!("NATS: {event}"),
            Event::Disconnected | Event::LameDuckMode | Event::Draining | Event::Closed => {
                tracing::info!("NATS: {event}");
            }
        }
    }
}
