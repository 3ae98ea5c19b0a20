//! Bare SQLite: rows of the shape the store keeps for a message, committed one by one or in groups.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use rusqlite::{CachedStatement, Connection, params};
use serde::{Deserialize, Serialize};

use super::answer_lines;
use crate::body;

/// One round: so many rows per commit for so long.
#[derive(Debug, Serialize, Deserialize)]
pub struct RowsAsked {
    pub group: u64,
    pub time: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct RowsWritten {
    pub rows: u64,
    pub seconds: f64,
}

pub(super) fn serve(folder: &Path) -> Result<()> {
    let database = open(folder)?;
    let mut written = 0;
    answer_lines(|asked: RowsAsked| write(&database, &mut written, &asked))
}

fn write(database: &Connection, written: &mut u64, asked: &RowsAsked) -> Result<RowsWritten> {
    const CHATS: u64 = 100;
    let (start, before) = (Instant::now(), *written);
    while start.elapsed() < asked.time {
        insert(database, *written..*written + asked.group, CHATS)?;
        *written += asked.group;
    }
    Ok(RowsWritten { rows: *written - before, seconds: start.elapsed().as_secs_f64() })
}

/// A database that makes every commit durable.
pub(super) fn open(folder: &Path) -> Result<Connection> {
    std::fs::create_dir_all(folder)?;
    let database = Connection::open(folder.join("floor.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         CREATE TABLE message (
             chat BLOB NOT NULL, seq INTEGER NOT NULL, cseq INTEGER NOT NULL, id BLOB NOT NULL,
             author BLOB NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL, client_id TEXT NOT NULL,
             created_at INTEGER NOT NULL, edited_at INTEGER, deleted INTEGER NOT NULL, reply_to INTEGER,
             subject BLOB, PRIMARY KEY (chat, seq)
         ) STRICT, WITHOUT ROWID;
         CREATE UNIQUE INDEX message_client_id ON message (chat, author, client_id);",
    )?;
    Ok(database)
}

/// Commits the rows with these numbers together; they go round the chats.
pub(super) fn insert(database: &Connection, numbers: std::ops::Range<u64>, chats: u64) -> Result<()> {
    let transaction = database.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO message (chat, seq, cseq, id, author, kind, text, client_id, created_at, deleted)
         VALUES (?1, ?2, -1, ?3, ?4, 0, ?5, ?6, ?7, 0)",
    )?;
    for number in numbers {
        insert_one(&mut statement, number, chats)?;
    }
    drop(statement);
    Ok(transaction.commit()?)
}

fn insert_one(statement: &mut CachedStatement<'_>, number: u64, chats: u64) -> Result<()> {
    let seq = (number / chats) as i64;
    let client_id = format!("bench-{number}");
    statement.execute(params![
        key(number % chats),
        seq,
        key(number),
        key(7),
        body::text(number),
        client_id,
        number as i64
    ])?;
    Ok(())
}

/// Sixteen bytes, as ids have.
pub(super) fn key(number: u64) -> [u8; 16] {
    // Spread like random ids, so that neighbours in time are not neighbours in the tree.
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (u128::from(mixed) << 64 | u128::from(number)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_committed_in_groups() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = open(folder.path()).expect("a database");
        let mut written = 0;
        let asked = RowsAsked { group: 64, time: Duration::from_millis(20) };
        let result = write(&database, &mut written, &asked).expect("written");
        assert!(result.rows >= 64 && result.rows.is_multiple_of(64));
        let count: i64 =
            database.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).expect("rows");
        assert_eq!(count as u64, result.rows);
    }
}
