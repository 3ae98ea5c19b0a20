use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::error::OpenError;

/// 'PCHT': marks a database file as ours.
const APPLICATION_ID: i64 = 0x5043_4854;
/// The first version without the bug that could corrupt a database when its log was reset.
const OLDEST: i32 = 3_051_003;

pub(crate) const STEPS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001.sql")),
    M::up(include_str!("migrations/0002.sql")),
    M::up(include_str!("migrations/0003.sql")),
    M::up(include_str!("migrations/0004.sql")),
    M::up(include_str!("migrations/0005.sql")),
    M::up(include_str!("migrations/0006.sql")),
    M::up(include_str!("migrations/0007.sql")),
    M::up(include_str!("migrations/0008.sql")),
    M::up(include_str!("migrations/0009.sql")),
    M::up(include_str!("migrations/0010.sql")),
    M::up(include_str!("migrations/0011.sql")),
    M::up(include_str!("migrations/0012.sql")),
    M::up(include_str!("migrations/0013.sql")),
    M::up(include_str!("migrations/0014.sql")),
    M::up(include_str!("migrations/0015.sql")),
    M::up(include_str!("migrations/0016.sql")),
    M::up(include_str!("migrations/0017.sql")),
];

/// How many steps of a newer version this one lives with. Steps only add, and every statement names its columns, so
/// that one may go back by a version.
const AHEAD: usize = 20;

/// How long somebody waits for a lock of another process, or of a reader.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// The connection that writes, with the schema of this version.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST {
        return Err(OpenError::OldSqlite(rusqlite::version().to_owned()));
    }
    let mut connection = Connection::open(path).map_err(damaged)?;
    check_owner(&connection)?;
    keep_a_log(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What was deleted is overwritten, and not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    tune(&connection)?;
    check_integrity(&connection)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    tune(&connection)?;
    Ok(connection)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -2048)?;
    connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn damaged(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged(error.to_string())
        }
        _ => OpenError::Engine(error),
    }
}

fn keep_a_log(connection: &Connection) -> Result<(), OpenError> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(damaged)?;
    if mode == "wal" { Ok(()) } else { Err(OpenError::NoLog) }
}

fn check_owner(connection: &Connection) -> Result<(), OpenError> {
    let number =
        |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(damaged);
    let (owner, version) = (number("application_id")?, number("user_version")?);
    let is_empty = number("schema_version")? == 0;
    if owner == 0 && is_empty {
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(damaged)?;
        return Ok(());
    }
    match owner {
        APPLICATION_ID if version as usize > STEPS.len() + AHEAD => Err(OpenError::Newer),
        APPLICATION_ID => Ok(()),
        _ => Err(OpenError::Foreign),
    }
}

/// Looks at the pages' structure; the slower comparison of indexes is `petit doctor`'s.
fn check_integrity(connection: &Connection) -> Result<(), OpenError> {
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    if verdict == "ok" { Ok(()) } else { Err(OpenError::Damaged(verdict)) }
}

/// Brings the schema to this version. A file that holds something is copied first.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let migrations = Migrations::from_slice(STEPS);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version as usize > STEPS.len() {
        return Ok(());
    }
    if version > 0 && (version as usize) < STEPS.len() {
        let copy = path.with_extension(format!("before-{}.db", STEPS.len()));
        let _ = std::fs::remove_file(&copy);
        connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    }
    Ok(migrations.to_latest(connection)?)
}
