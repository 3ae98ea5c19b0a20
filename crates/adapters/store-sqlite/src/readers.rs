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
    /// `None` once closed.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Some(Vec::new())) }
    }

    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().as_mut().ok_or(StoreError::Unavailable(None))?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path).map_err(|error| store_error(&error))?,
        };
        let answer = query(&connection);
        if let Some(idle) = self.idle.lock().as_mut().filter(|idle| idle.len() < KEPT) {
            idle.push(connection);
        }
        answer.map_err(|error| store_error(&error))
    }

    /// Reads for long, on a thread where that holds up nobody.
    pub(crate) async fn read_aside<T: Send + 'static>(
        self: std::sync::Arc<Self>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reading = tokio::task::spawn_blocking(move || self.read(query));
        reading.await.map_err(|error| StoreError::Unavailable(Some(Box::new(error))))?
    }

    pub(crate) fn close(&self) {
        *self.idle.lock() = None;
    }
}
