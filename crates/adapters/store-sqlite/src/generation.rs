use petit_domain::Timestamp;
use petit_ports::{Generation, StoreError};
use rusqlite::Connection;

use crate::{handle::SqliteHandle, job::Writing};

/// Which history the file holds.
pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Generation> {
    connection.query_row("SELECT generation, is_first FROM installation", [], |row| {
        Ok(Generation::new(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
    })
}

/// Ways in that a store has at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// Browsers and devices that are signed in, and access tokens.
    pub sessions: u64,
    /// Invitations that nobody has used.
    pub invitations: u64,
}

impl SqliteHandle {
    /// The ways in that are open at a time.
    pub async fn ways_in(&self, at: Timestamp) -> Result<WaysIn, StoreError> {
        let count = move |connection: &Connection, from: &str| {
            let sql = format!("SELECT count(*) FROM {from} AND (expires_at IS NULL OR expires_at > ?1)");
            connection.query_row(&sql, [at.micros()], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        };
        let work = move |writing: &mut Writing<'_>| {
            let sessions = count(writing.connection, "sessions WHERE revoked_at IS NULL")?;
            let invitations = count(writing.connection, "invitations WHERE used_by IS NULL")?;
            Ok(WaysIn { sessions, invitations })
        };
        self.0.write(work).await
    }

    /// Ends every session and withdraws every invitation that nobody has used. Again changes nothing.
    pub async fn close_ways_in(&self, at: Timestamp) -> Result<(), StoreError> {
        let work = move |writing: &mut Writing<'_>| {
            let end = "UPDATE sessions SET revoked_at = ?1 WHERE revoked_at IS NULL";
            writing.connection.execute(end, [at.micros()])?;
            writing.connection.execute("DELETE FROM invitations WHERE used_by IS NULL", [])?;
            Ok(())
        };
        self.0.write(work).await
    }

    /// From the next opening on, the file holds another history: it was brought back.
    pub async fn begin_generation(&self) -> Result<(), StoreError> {
        let begin = "UPDATE installation SET generation = random(), is_first = 0";
        self.0.write(move |writing| writing.connection.execute(begin, [])).await.map(drop)
    }
}
