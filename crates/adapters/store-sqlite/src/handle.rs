use std::{path::Path, sync::atomic::Ordering};

use petit_ports::StoreError;

use crate::{error::store_error, store::SqliteStore};

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
pub struct SqliteHandle(SqliteStore);

impl SqliteHandle {
    pub(crate) fn new(store: SqliteStore) -> Self {
        Self(store)
    }

    /// Writes a consistent, compacted copy to `path`, which must not exist. Writers wait meanwhile.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        let target = path.to_string_lossy().into_owned();
        let copy = move |connection: &rusqlite::Connection| connection.execute("VACUUM INTO ?1", [target]);
        self.0.writer.aside(copy).await?.map(|_| ()).map_err(store_error)
    }

    /// Compares everything with everything. Slow; answers what is wrong.
    pub async fn integrity_check(&self) -> Result<(), StoreError> {
        let check = |connection: &rusqlite::Connection| {
            connection.query_row("PRAGMA integrity_check(10)", [], |row| row.get::<_, String>(0))
        };
        let verdict = self.0.writer.aside(check).await?.map_err(store_error)?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Inconsistent(verdict)) }
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
