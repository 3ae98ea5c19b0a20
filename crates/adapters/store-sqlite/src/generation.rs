use petit_ports::{Generation, StoreError};
use rusqlite::{Connection, Result};

use crate::handle::SqliteHandle;

/// Which history the file holds.
pub(crate) fn read(connection: &Connection) -> Result<Generation> {
    connection.query_row("SELECT generation, is_first FROM installation", [], |row| {
        Ok(Generation::new(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
    })
}

impl SqliteHandle {
    /// From the next opening on, the file holds another history: it was brought back.
    pub async fn begin_generation(&self) -> Result<(), StoreError> {
        let begin = "UPDATE installation SET generation = random(), is_first = 0";
        self.0.write(move |writing| writing.connection.execute(begin, [])).await.map(drop)
    }
}
