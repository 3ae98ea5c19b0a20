use petit_ports::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is damaged: restore a backup.
    #[error("the database is damaged ({0}); restore it from a backup")]
    Damaged(String),
    /// The file belongs to something else.
    #[error("the file is a database of another program")]
    Foreign,
    /// The file was written by a version that is much newer.
    #[error("the database was written by a much newer version of Petit chat: go back by one version at most")]
    Newer,
    /// The library that was linked is one with known corruption.
    #[error("SQLite {0} is too old to trust with data: 3.51.3 or newer is needed")]
    OldSqlite(String),
    /// The folder's file system cannot hold it.
    #[error("the database needs a write-ahead log, which this file system does not support")]
    NoLog,
    /// The machine gives no thread to write on.
    #[error("the store cannot start its writing thread")]
    NoThread(#[source] std::io::Error),
    /// The engine says no.
    #[error("the database cannot be opened")]
    Engine(#[from] Error),
    /// The engine says no while changing the schema.
    #[error("the database cannot be migrated")]
    Migration(#[from] rusqlite_migration::Error),
}

/// The port's word for an engine's error.
pub(crate) fn store_error(error: &Error) -> StoreError {
    match error.sqlite_error_code() {
        _ if is_full(error) => StoreError::ReadOnly,
        None
        | Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
            StoreError::Inconsistent(error.to_string())
        }
        Some(_) => StoreError::Unavailable(Some(error.to_string().into())),
    }
}

/// Whether the disk takes nothing more.
pub(crate) fn is_full(error: &Error) -> bool {
    let Error::SqliteFailure(failure, _) = error else { return false };
    let is_failed_write = matches!(
        failure.extended_code,
        ffi::SQLITE_IOERR_WRITE
            | ffi::SQLITE_IOERR_FSYNC
            | ffi::SQLITE_IOERR_DIR_FSYNC
            | ffi::SQLITE_IOERR_TRUNCATE
            | ffi::SQLITE_IOERR_SHMSIZE
    );
    is_failed_write || matches!(failure.code, ErrorCode::DiskFull | ErrorCode::ReadOnly)
}
