use std::path::PathBuf;

use parking_lot::Mutex;
use petit_ports::StoreError;
use rusqlite::Connection;

use crate::{connection::open_reader, error::store_error};

/// More than this many idle connections are closed again.
const KEPT: usize = 8;

/// Connections that read. A read runs where it is asked: it is short, indexed and mostly in memory, so
/// handing it to another thread would cost more than the read.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path).map_err(store_error)?,
        };
        let answer = query(&connection).map_err(store_error);
        let mut idle = self.idle.lock();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        answer
    }

    pub(crate) fn close(&self) {
        self.idle.lock().clear();
    }
}
