use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::table::table;

/// What keeps the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Store {
    /// One SQLite file.
    Sqlite(Sqlite),
}

table! {
    /// One SQLite file. The server is its only user; never open it with another program while it runs.
    Sqlite {
        /// The file. A relative path begins in the data folder.
        path: PathBuf = PathBuf::from("petit.db"), "\"petit.db\"";
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::Sqlite(Sqlite::default())
    }
}

impl Sqlite {
    /// Where the file is.
    pub fn file(&self, data: &Path) -> PathBuf {
        data.join(&self.path)
    }
}
