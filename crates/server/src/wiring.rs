//! Which engine is behind which port. The only file that names adapters.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use axum::Router;
use petit_app::App;
use petit_bus_faulty::{Faults, FaultyBus};
use petit_bus_local::LocalBus;
use petit_bus_nats::{ConnectError as NatsError, NatsBus, Settings as NatsSettings};
use petit_config::{
    Bus as BusSection, Config, Identity as IdentitySection, Nats as NatsSection, Scylla as ScyllaSection,
    Store as StoreSection,
};
use petit_identity_oidc::{HttpExchange, OidcIdentity, OidcSettings};
use petit_notifier::{NotifierBus, Peers};
use petit_ports::{Bus, Clock, Identity, Store, SystemRandom};
use petit_store_scylla::{
    ConnectError as ScyllaError, ScyllaHandle, ScyllaStore, Settings as ScyllaSettings,
};
use petit_store_sqlite::{Options, SqliteHandle, SqliteStore};
use uuid::Uuid;

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
    handle: Handle,
}

enum Handle {
    Sqlite(SqliteHandle),
    Scylla(ScyllaHandle),
}

impl Engine {
    /// Opens the configured store.
    pub async fn open(section: &StoreSection, data: &Path, clock: &Arc<dyn Clock>) -> Result<Self> {
        match section {
            StoreSection::Sqlite(sqlite) => Self::file(&sqlite.file(data)),
            StoreSection::Scylla(scylla) => Self::database(scylla, clock).await,
        }
    }

    fn file(file: &Path) -> Result<Self> {
        let opened = SqliteStore::open(file, &Options::default())
            .with_context(|| format!("cannot open the store {}", file.display()))?;
        Ok(Self { store: opened.store, handle: Handle::Sqlite(opened.handle) })
    }

    /// The database may come up together with us: it is waited for, within reason.
    async fn database(section: &ScyllaSection, clock: &Arc<dyn Clock>) -> Result<Self> {
        let password = section.password().map_err(|(key, wrong)| anyhow!("{wrong} ({key})"))?;
        let login = section.user.clone().zip(password.map(|password| password.expose().to_owned()));
        let settings = ScyllaSettings {
            nodes: section.nodes.clone(),
            keyspace: section.keyspace.clone(),
            replication: section.replication,
            datacenter: section.datacenter.clone(),
            space: section.space.clone(),
            login,
        };
        let open = || ScyllaStore::connect(&settings, clock.clone(), Arc::new(SystemRandom));
        let opened = patiently("the database", open, |error| !matches!(error, ScyllaError::Foreign(_)))
            .await
            .with_context(|| format!("cannot open the store at {}", section.nodes.join(", ")))?;
        Ok(Self { store: opened.store, handle: Handle::Scylla(opened.handle) })
    }

    /// Writes a consistent copy of the live store into `folder`.
    pub async fn back_up(&self, folder: &Path) -> Result<()> {
        match &self.handle {
            Handle::Sqlite(handle) => Ok(handle.backup_to(&folder.join(STORE_COPY)).await?),
            Handle::Scylla(_) => {
                bail!("the store is a database of its own: back it up with its own tools (docs/operations)")
            }
        }
    }

    /// From the next opening on the store holds another history: it was brought back from a backup.
    pub async fn begin_generation(&self) -> Result<()> {
        match &self.handle {
            Handle::Sqlite(handle) => Ok(handle.begin_generation().await?),
            Handle::Scylla(_) => bail!("the store is a database of its own (docs/operations)"),
        }
    }

    /// Compares everything in the store with everything, where that is ours to do.
    pub async fn check(&self) -> Result<()> {
        match &self.handle {
            Handle::Sqlite(handle) => Ok(handle.integrity_check().await?),
            Handle::Scylla(_) => Ok(self.store.log.ready().await?),
        }
    }

    /// What the engine counts.
    pub fn counting(&self) -> Counting {
        match &self.handle {
            Handle::Sqlite(handle) => count_sqlite(handle.clone()),
            Handle::Scylla(handle) => count_scylla(handle.clone()),
        }
    }

    /// Finishes what waits and lets go of the file.
    pub async fn close(&self) {
        match &self.handle {
            Handle::Sqlite(handle) => {
                let handle = handle.clone();
                if tokio::task::spawn_blocking(move || handle.close()).await.is_err() {
                    tracing::error!("the store did not close in good order");
                }
            }
            Handle::Scylla(handle) => handle.close().await,
        }
    }

    /// Whether pages that are asked for again are kept by the engine itself.
    pub const fn caches_pages(&self) -> bool {
        matches!(self.handle, Handle::Sqlite(_))
    }

    /// The database, to take everything in.
    pub const fn database_handle(&self) -> Option<&ScyllaHandle> {
        match &self.handle {
            Handle::Sqlite(_) => None,
            Handle::Scylla(handle) => Some(handle),
        }
    }

    /// The embedded store, to give everything out.
    pub fn embedded(&self) -> Option<&SqliteHandle> {
        match &self.handle {
            Handle::Sqlite(handle) => Some(handle),
            Handle::Scylla(_) => None,
        }
    }
}

const fn counter(name: &'static str, help: &'static str, value: u64) -> Counter {
    Counter { name, help, value }
}

fn count_sqlite(handle: SqliteHandle) -> Counting {
    Arc::new(move || {
        let counted = handle.counters();
        vec![
            counter("petit_store_writes_total", "Writes that were asked for.", counted.writes),
            counter("petit_store_groups_total", "Transactions, each with many writes.", counted.groups),
            counter("petit_store_page_reads_total", "Pages of messages read from disk.", counted.page_reads),
        ]
    })
}

fn count_scylla(handle: ScyllaHandle) -> Counting {
    Arc::new(move || {
        let counted = handle.counters();
        vec![
            counter("petit_store_statements_total", "Statements sent to the database.", counted.statements),
            counter("petit_store_groups_total", "Groups that were written to logs.", counted.groups),
            counter("petit_store_entries_total", "Entries in those groups.", counted.entries),
            counter(
                "petit_store_lost_sets_total",
                "Groups that another writer was ahead of.",
                counted.lost_sets,
            ),
            counter("petit_store_unknown_total", "Groups whose outcome was looked up.", counted.unknown),
        ]
    })
}

/// How long a part that does not answer yet is waited for at start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again for a while what `may_pass`.
async fn patiently<T, E, F>(what: &str, open: impl Fn() -> F, may_pass: impl Fn(&E) -> bool) -> Result<T>
where
    F: Future<Output = Result<T, E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    let begun = tokio::time::Instant::now();
    loop {
        match open().await {
            Ok(opened) => return Ok(opened),
            Err(error) if begun.elapsed() > PATIENCE || !may_pass(&error) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "{what} does not answer yet"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Where the store is, and where a copy of it has to be put back.
pub fn store_file(section: &StoreSection, data: &Path) -> Result<PathBuf> {
    match section {
        StoreSection::Sqlite(sqlite) => Ok(sqlite.file(data)),
        StoreSection::Scylla(_) => Err(anyhow!("the store is not a file")),
    }
}

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
