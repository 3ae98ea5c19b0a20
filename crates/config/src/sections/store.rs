use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::given_once;
use crate::{table::table, values::Secret};

/// What keeps the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Store {
    /// One SQLite file.
    Sqlite(Sqlite),
    /// ScyllaDB or Apache Cassandra.
    Scylla(Scylla),
}

table! {
    /// One SQLite file. The server is its only user; never open it with another program while it runs.
    Sqlite {
        /// The file. A relative path begins in the data folder.
        path: PathBuf = PathBuf::from("petit.db"), "\"petit.db\"";
    }
}

table! {
    /// ScyllaDB (2025.4 or newer, or with tablets off) or Apache Cassandra (5.0 or newer).
    Scylla {
        /// Some nodes of the database, as `host:port`. The others are found through them.
        nodes: Vec<String> = vec!["127.0.0.1:9042".to_owned()], "[\"127.0.0.1:9042\"]";
        /// The keyspace. It is made if it is not there.
        keyspace: String = "petit".to_owned(), "\"petit\"";
        /// How many copies of everything a keyspace gets that is made here: 3 for anything you care for.
        replication: u8 = 3, "3";
        /// The data centre whose nodes are asked, and which the copies of a new keyspace are in.
        datacenter: String = "datacenter1".to_owned(), "\"datacenter1\"";
        /// Which installation in the keyspace this is. Several may share one.
        space: String = "petit".to_owned(), "\"petit\"";
        /// The user to sign in as. Without one nothing is presented.
        user: Option<String> = None, "\"petit\"";
        /// Their password. Give this or the file.
        password: Option<Secret> = None, "\"…\"";
        /// A file that holds the password and nothing else.
        password_file: Option<PathBuf> = None, "\"/run/secrets/petit-store\"";
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::Sqlite(Sqlite::default())
    }
}

impl Store {
    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Scylla(scylla) => scylla.validate(),
        }
    }
}

impl Sqlite {
    /// Where the file is.
    pub fn file(&self, data: &Path) -> PathBuf {
        data.join(&self.path)
    }
}

impl Scylla {
    fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.nodes.is_empty() {
            return Err(("store.nodes", "name at least one node of the database".to_owned()));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let first = |c: char| c.is_ascii_lowercase();
        if !self.keyspace.starts_with(first) || !self.keyspace.chars().all(plain) || self.keyspace.len() > 48
        {
            return Err((
                "store.keyspace",
                "a keyspace begins with a letter and has lower-case letters, digits and _ only".to_owned(),
            ));
        }
        if self.replication == 0 {
            return Err(("store.replication", "there is at least one copy".to_owned()));
        }
        self.password().map(drop)
    }

    /// The password, from wherever it was given; `None` if it was not.
    ///
    /// # Errors
    /// If both ways were given, or the file cannot be read. Names the key.
    pub fn password(&self) -> Result<Option<Secret>, (&'static str, String)> {
        given_once(("store.password", &self.password), ("store.password_file", &self.password_file))
    }
}
