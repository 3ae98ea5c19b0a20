//! A process with the role `plexer` alone: sockets, and the way to the application in other processes. It
//! has no store.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use petit_app::Seal;
use petit_backstage::{Forwarder, RemoteBackstage};
use petit_config::{Bus, Config, Role};
use petit_plexer::Stage;
use petit_ports::{Clock, SystemRandom};

use crate::{folder::DataFolder, nodes::Nodes, secrets::Secrets, wiring};

/// What such a process has.
pub struct Door {
    pub stage: Stage,
    pub forwarder: Forwarder,
    pub nodes: Nodes,
    pub config: Config,
    pub public_url: String,
    pub folder: DataFolder,
}

/// Whether nothing that this process does needs a store: it has the role `plexer` alone, and there are
/// others to ask.
pub fn is_enough_for(config: &Config) -> bool {
    config.server.roles.iter().all(|role| *role == Role::Plexer) && !config.cluster.apis.is_empty()
}

impl Door {
    /// Reaches the bus. The application need not answer yet.
    pub async fn open(
        config: Config,
        folder: DataFolder,
        public_url: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let Some(secret_file) = &config.server.secret_file else {
            bail!("a plexer without the role api needs the secret of the others: set server.secret_file")
        };
        ensure!(!config.cluster.api_urls.is_empty(), "name at least one process in cluster.api_urls");
        ensure!(
            !matches!(config.bus, Bus::Local(_)),
            "a plexer without the role api needs a bus between processes: set bus.kind"
        );
        let secrets = Secrets::load(secret_file)?;
        let nodes = Nodes::of(&config, &secrets, clock.clone())?;
        let seal = Seal::new(secrets.derive("application"));
        let backstage = RemoteBackstage::new(&config.cluster.apis, &nodes.prove())
            .context("an address in cluster.apis is not one")?;
        let forwarder = Forwarder::new(&config.cluster.api_urls, nodes.owners(), seal.clone(), clock.clone())
            .context("cluster.api_urls cannot be used")?;
        let bus = wiring::bus(&config, nodes.notifiers.clone(), nodes.own).await?;
        let stage = Stage { backstage, bus, clock, random: Arc::new(SystemRandom), seal };
        Ok(Self { stage, forwarder, nodes, config, public_url, folder })
    }
}
