//! Which engine is behind which port. The only file that names adapters.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use axum::Router;
use petit_app::App;
use petit_bus_local::LocalBus;
use petit_config::{Bus as BusSection, Config, Identity as IdentitySection, Store as StoreSection};
use petit_identity_oidc::{HttpExchange, OidcIdentity, OidcSettings};
use petit_ports::{Bus, Identity, Store};
use petit_store_sqlite::{Options, SqliteHandle, SqliteStore};

/// The file a backup holds its copy of the store in.
pub const STORE_COPY: &str = "petit.db";

/// Something the engine counts from the moment it is opened.
pub struct Counter {
    pub name: &'static str,
    pub help: &'static str,
    pub value: u64,
}

/// Reads the engine's counters.
pub type Counting = Arc<dyn Fn() -> Vec<Counter> + Send + Sync>;

/// The store with what only its engine can do.
pub struct Engine {
    pub store: Store,
    handle: SqliteHandle,
}

impl Engine {
    /// Opens the configured store.
    pub fn open(section: &StoreSection, data: &Path) -> Result<Self> {
        let file = store_file(section, data)?;
        let opened = SqliteStore::open(&file, &Options::default())
            .with_context(|| format!("cannot open the store {}", file.display()))?;
        Ok(Self { store: opened.store, handle: opened.handle })
    }

    /// Writes a consistent copy of the live store into `folder`.
    pub async fn back_up(&self, folder: &Path) -> Result<()> {
        Ok(self.handle.backup_to(&folder.join(STORE_COPY)).await?)
    }

    /// Compares everything in the store with everything.
    pub async fn check(&self) -> Result<()> {
        Ok(self.handle.integrity_check().await?)
    }

    /// What the engine counts.
    pub fn counting(&self) -> Counting {
        let handle = self.handle.clone();
        Arc::new(move || {
            let counted = handle.counters();
            let counter = |name, help, value| Counter { name, help, value };
            vec![
                counter("petit_store_writes_total", "Writes that were asked for.", counted.writes),
                counter("petit_store_groups_total", "Transactions, each with many writes.", counted.groups),
                counter(
                    "petit_store_page_reads_total",
                    "Pages of messages read from disk.",
                    counted.page_reads,
                ),
            ]
        })
    }

    /// Finishes what waits and lets go of the file.
    pub async fn close(&self) {
        let handle = self.handle.clone();
        if tokio::task::spawn_blocking(move || handle.close()).await.is_err() {
            tracing::error!("the store did not close in good order");
        }
    }
}

/// Where the store is, and where a copy of it has to be put back.
pub fn store_file(section: &StoreSection, data: &Path) -> Result<PathBuf> {
    match section {
        StoreSection::Sqlite(sqlite) => Ok(sqlite.file(data)),
        StoreSection::Scylla(_) => Err(anyhow!("the store is not a file")),
    }
}

/// The configured bus.
pub fn bus(section: &BusSection) -> Result<Arc<dyn Bus>> {
    match section {
        BusSection::Local(_) => Ok(Arc::new(LocalBus::new())),
        BusSection::Nats(_) | BusSection::Notifier(_) => Err(anyhow!("the bus is not there")),
    }
}

/// The client side of signing in. `provider` is the built-in one, with the secret we are known to it by.
pub fn identity(
    config: &Config,
    app: &App,
    public_url: &str,
    provider: Option<(Router, &str)>,
) -> Result<Arc<dyn Identity>> {
    let (settings, exchange) = match (&config.identity, provider) {
        (IdentitySection::Builtin(_), Some((provider, secret))) => {
            (OidcSettings::builtin(public_url, secret), HttpExchange::in_process(provider))
        }
        (IdentitySection::Builtin(_), None) => return Err(anyhow!("the built-in provider is not there")),
        (IdentitySection::Oidc(oidc), _) => {
            let secret = oidc.secret().map_err(|(key, wrong)| anyhow!("{wrong} ({key})"))?;
            let role_claim = oidc.role_claim.clone();
            let settings = OidcSettings::outside(&oidc.issuer, &oidc.client_id, secret.expose(), role_claim);
            install_tls();
            (settings, HttpExchange::network().map_err(|error| anyhow!(error))?)
        }
    };
    Ok(Arc::new(OidcIdentity::new(settings, exchange, app.clock().clone(), app.random().clone())))
}

/// One TLS implementation for the whole process. Only the first call counts, which is all that is asked.
fn install_tls() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
