//! The laws of the store once more, with every statement explained: each finds its rows by a key.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use petit_ports::Store;
use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};
use tempfile::TempDir;

use crate::{Options, SqliteStore, job::Writing};

/// The engine's hook takes no state of ours, so what was seen is kept here, for all tests together.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn note(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(statement, _) = event {
        SEEN.lock().insert(statement.sql().into_owned());
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads and writes answer a result")]
fn watch(connection: &Connection) -> rusqlite::Result<()> {
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note));
    Ok(())
}

/// Explains everything that was seen, when a law has ended.
struct Watched {
    store: SqliteStore,
    _folder: TempDir,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let seen = std::mem::take(&mut *SEEN.lock());
        self.store
            .read(|connection| {
                connection.trace_v2(TraceEventCodes::empty(), None);
                seen.iter().try_for_each(|statement| explain(connection, statement))
            })
            .expect("every statement can be explained");
    }
}

fn explain(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    // Raw: a plan does not depend on the parameters, so none are bound.
    let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
    let mut steps = explained.raw_query();
    while let Some(step) = steps.next()? {
        let step: String = step.get(3)?;
        assert!(!step.starts_with("SCAN") || step == "SCAN CONSTANT ROW", "{step}: {statement}");
    }
    Ok(())
}

async fn watched() -> (Store, Watched) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("petit.db");
    let opened = SqliteStore::open(&path, &Options::default()).expect("a store opens");
    let store = opened.handle.0.clone();
    let watch_writer = |writing: &mut Writing<'_>| watch(writing.connection);
    store.write(watch_writer).await.expect("the writer is watched");
    store.read(watch).expect("a reader is watched");
    (opened.store, Watched { store, _folder: folder })
}

petit_contract::store_contract!(watched);
