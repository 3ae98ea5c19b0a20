//! The engines behind the store.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, bail};
use petit_config::{Scylla as ScyllaSection, Store as StoreSection};
use petit_domain::Timestamp;
use petit_ports::{Clock, Store, SystemRandom};
use petit_store_scylla::{
    ConnectError as ScyllaError, ScyllaHandle, ScyllaStore, Settings as ScyllaSettings,
};
pub use petit_store_sqlite::WaysIn;
use petit_store_sqlite::{Options, SqliteHandle, SqliteStore};

use super::patiently;

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

    /// The ways in that the store has open at a time.
    pub async fn ways_in(&self, at: Timestamp) -> Result<WaysIn> {
        match &self.handle {
            Handle::Sqlite(handle) => Ok(handle.ways_in(at).await?),
            Handle::Scylla(_) => bail!("the store is a database of its own (docs/operations)"),
        }
    }

    /// Ends all sessions and withdraws open invitations.
    pub async fn close_ways_in(&self, at: Timestamp) -> Result<()> {
        match &self.handle {
            Handle::Sqlite(handle) => Ok(handle.close_ways_in(at).await?),
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

/// Where the store is, and where a copy of it has to be put back.
pub fn store_file(section: &StoreSection, data: &Path) -> Result<PathBuf> {
    match section {
        StoreSection::Sqlite(sqlite) => Ok(sqlite.file(data)),
        StoreSection::Scylla(_) => Err(anyhow!("the store is not a file")),
    }
}
