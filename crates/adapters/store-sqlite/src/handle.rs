use std::{path::Path, sync::atomic::Ordering};

use petit_ports::StoreError;
use rusqlite::Connection;

use crate::{reactions, store::SqliteStore};

/// What happened since the database was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Transactions that were begun.
    pub groups: u64,
    /// Writes that were asked for.
    pub writes: u64,
    /// Pages of messages that were read from the database and not from memory.
    pub page_reads: u64,
}

/// What only this engine has: backup, inspection, closing.
#[derive(Clone)]
pub struct SqliteHandle(pub(crate) SqliteStore);

impl SqliteHandle {
    pub(crate) fn new(store: SqliteStore) -> Self {
        Self(store)
    }

    /// Writes a consistent, compacted copy to `path`, which must not exist. Reading and writing go on meanwhile.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        let target = path.to_string_lossy().into_owned();
        let copy = move |connection: &Connection| connection.execute("VACUUM INTO ?1", [target]);
        self.0.readers.clone().read_aside(copy).await.map(|_| ())
    }

    /// Compares everything with everything. Slow; answers what is wrong.
    pub async fn integrity_check(&self) -> Result<(), StoreError> {
        let check = |connection: &Connection| {
            connection.query_row("PRAGMA integrity_check(10)", [], |row| row.get::<_, String>(0))
        };
        match self.0.readers.clone().read_aside(check).await?.as_str() {
            "ok" => {}
            verdict => return Err(StoreError::Inconsistent(verdict.to_owned())),
        }
        match self.0.readers.clone().read_aside(reactions::miscounted).await? {
            0 => Ok(()),
            count => Err(StoreError::Inconsistent(format!(
                "{count} counts of reactions are not those of their sets"
            ))),
        }
    }

    /// What happened since the database was opened.
    pub fn counters(&self) -> Counters {
        let shared = &self.0.shared;
        Counters {
            groups: shared.groups.load(Ordering::Relaxed),
            writes: shared.jobs.load(Ordering::Relaxed),
            page_reads: shared.pages.reads(),
        }
    }

    /// Finishes what waits, puts everything into the main file and closes it. Later calls are unavailable.
    pub fn close(&self) {
        self.0.readers.close();
        self.0.writer.stop();
    }
}
