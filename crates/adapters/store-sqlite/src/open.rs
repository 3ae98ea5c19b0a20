use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use petit_ports::Store;

use crate::{
    connection::open_writer,
    error::OpenError,
    generation,
    handle::SqliteHandle,
    options::Options,
    readers::Readers,
    store::SqliteStore,
    writer::{Shared, Writer},
};

/// An open database: its ports, and the handle for what only this engine has.
pub struct Opened {
    /// The store's ports.
    pub store: Store,
    /// Backup, counters, closing.
    pub handle: SqliteHandle,
}

impl SqliteStore {
    /// Opens or makes the database at `path`: checks its structure, brings its schema to this version and
    /// starts the writing thread. Nobody else may have it open.
    pub fn open(path: &Path, options: &Options) -> Result<Opened, OpenError> {
        let connection = open_writer(path)?;
        let generation = generation::read(&connection)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages)?;
        }
        let shared = Arc::new(Shared::default());
        let writer = Writer::start(connection, shared.clone(), options).map_err(OpenError::NoThread)?;
        let readers = Arc::new(Readers::new(PathBuf::from(path)));
        let store = Self { writer: Arc::new(writer), readers, shared };
        Ok(Opened { store: store.ports(generation), handle: SqliteHandle::new(store) })
    }
}
