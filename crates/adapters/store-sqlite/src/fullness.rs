use std::time::{Duration, Instant};

use rusqlite::{Connection, Error, ffi};

/// Room for a few messages.
const PROBE_BYTES: i64 = 16 * 1024;

/// Whether the disk was full a moment ago.
pub(crate) struct Fullness {
    probe_after: Duration,
    since: Option<Instant>,
}

impl Fullness {
    pub(crate) const fn new(probe_after: Duration) -> Self {
        Self { probe_after, since: None }
    }

    /// Refuses until it is time to try again.
    pub(crate) fn check(&self) -> rusqlite::Result<()> {
        if self.is_fresh() {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None));
        }
        Ok(())
    }

    /// The disk refused a write.
    pub(crate) fn begins(&mut self, error: &Error) {
        if self.is_fresh() {
            return;
        }
        if self.since.is_none() {
            tracing::error!(%error, "the disk takes no more: writing stops until it does");
        }
        self.since = Some(Instant::now());
    }

    /// The disk took a write.
    pub(crate) fn is_over(&mut self) {
        if self.since.take().is_some() {
            tracing::info!("the disk takes writes again");
        }
    }

    fn is_fresh(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() < self.probe_after)
    }
}

/// Takes room for a few messages and gives it back: fails where they would.
pub(crate) fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO probe (id, filler) VALUES (0, zeroblob(?1))")?
        .execute([PROBE_BYTES])?;
    connection.prepare_cached("DELETE FROM probe")?.execute([])?;
    Ok(())
}
