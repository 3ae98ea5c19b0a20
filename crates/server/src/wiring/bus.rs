//! The engines behind the bus.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use petit_bus_faulty::{Faults, FaultyBus};
use petit_bus_local::LocalBus;
use petit_bus_nats::{ConnectError as NatsError, NatsBus, Settings as NatsSettings};
use petit_config::{Bus as BusSection, Config, Nats as NatsSection};
use petit_notifier::{NotifierBus, Peers};
use petit_ports::{Bus, SystemRandom};
use uuid::Uuid;

use super::{install_tls, patiently};

/// The configured bus, with the faults that are rehearsed.
pub async fn bus(config: &Config, notifiers: Option<Arc<Peers>>, node: Uuid) -> Result<Arc<dyn Bus>> {
    let bus: Arc<dyn Bus> = match &config.bus {
        BusSection::Local(_) => Arc::new(LocalBus::new()),
        BusSection::Nats(nats) => Arc::new(connect_nats(nats).await?),
        BusSection::Notifier(_) => {
            let notifiers = notifiers.context("the bus goes through notifiers, and none is named")?;
            Arc::new(NotifierBus::new(notifiers, node))
        }
    };
    if !config.faults.is_any() {
        return Ok(bus);
    }
    let faults = Faults {
        drop: config.faults.bus_drop,
        double: config.faults.bus_double,
        reorder: config.faults.bus_reorder,
        delay: Duration::from_millis(config.faults.bus_delay_ms.into()),
    };
    Ok(Arc::new(FaultyBus::new(bus, faults, Arc::new(SystemRandom))))
}

async fn connect_nats(section: &NatsSection) -> Result<NatsBus> {
    install_tls();
    let password = section.password().map_err(|(key, wrong)| anyhow!("{wrong} ({key})"))?;
    let settings = NatsSettings {
        servers: section.servers.clone(),
        login: section.user.clone().zip(password.map(|password| password.expose().to_owned())),
        prefix: section.prefix.clone(),
    };
    let connected =
        patiently("the bus", || NatsBus::connect(&settings), |error| matches!(error, NatsError::Refused(_)))
            .await;
    connected.with_context(|| format!("cannot use the bus at {}", section.servers.join(", ")))
}
