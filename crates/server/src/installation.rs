use std::sync::Arc;

use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use petit_app::{App, Parts};
use petit_cluster::{HotLog, OwnedLog};
use petit_config::{Config, SignUp};
use petit_notifier::Guard;
use petit_ports::{Clock, Identity, SystemRandom};
use petit_provider::{Provider, ProviderSettings, keys};

use crate::{
    Program,
    folder::DataFolder,
    nodes::Nodes,
    secrets::{Secrets, Stream},
    wiring::{self, Engine},
};

/// Everything that a data folder holds, opened. There is no network in it.
pub struct Installation {
    pub program: &'static dyn Program,
    pub app: Arc<App>,
    pub engine: Engine,
    /// The built-in provider, unless an outside one is configured.
    pub provider: Option<Arc<Provider>>,
    pub config: Config,
    pub public_url: String,
    pub folder: DataFolder,
    pub nodes: Nodes,
    /// The log as the owners of chats write it.
    pub owned: Arc<OwnedLog<Guard>>,
    client_secret: String,
}

impl Installation {
    /// Opens the store and starts the services. Makes what is not there yet.
    pub async fn open(
        program: &'static dyn Program,
        config: Config,
        folder: DataFolder,
        public_url: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let secrets = match &config.server.secret_file {
            Some(file) => Secrets::load(file)?,
            None => Secrets::load_or_make(folder.path(), &SystemRandom)?,
        };
        let nodes = Nodes::of(&config, &secrets, clock.clone())?;
        let engine = Engine::open(&config.store, folder.path(), &clock).await?;
        let owned = nodes.own_log(engine.store.log_writer.clone())?;
        let mut store = engine.store.clone();
        if !engine.caches_pages() {
            store.log = Arc::new(HotLog::new(engine.store.log.clone()));
            store.log_writer = owned.clone();
        }
        let bus = wiring::bus(&config, nodes.notifiers.clone(), nodes.own).await?;
        let app = App::start(Parts {
            bus: program.bus(bus, &store),
            store,
            clock,
            random: Arc::new(SystemRandom),
            secret: secrets.derive("application"),
        });
        let client_secret = BASE64.encode(secrets.derive("client of the built-in provider"));
        let settings = config.sign_up().map(|sign_up| ProviderSettings {
            public_url: public_url.clone(),
            name: config.server.name.clone(),
            sign_up: offered(sign_up),
            signing_key_pem: keys::generate_pem(&Stream::new(&secrets, "signing key")),
            client_secret: client_secret.clone(),
            secret: secrets.derive("built-in provider"),
        });
        let provider = settings.map(|settings| Provider::new(settings, app.clone())).transpose()?;
        Ok(Self { program, app, engine, provider, config, public_url, folder, nodes, owned, client_secret })
    }

    /// The client side of signing in.
    pub fn identity(&self) -> Result<Arc<dyn Identity>> {
        let provider = self.provider.clone().map(petit_provider::router);
        let known = provider.map(|provider| (provider, self.client_secret.as_str()));
        wiring::identity(&self.config, &self.app, &self.public_url, known).context("cannot set up signing in")
    }

    /// Announces what is durable and closes the store.
    pub async fn close(&self) {
        self.app.settle().await;
        self.engine.close().await;
    }
}

fn offered(sign_up: SignUp) -> petit_provider::SignUp {
    match sign_up {
        SignUp::Open => petit_provider::SignUp::Open,
        SignUp::Invitation => petit_provider::SignUp::Invitation,
        SignUp::Closed => petit_provider::SignUp::Closed,
    }
}
