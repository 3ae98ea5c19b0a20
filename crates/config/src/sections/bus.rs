use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::given_once;
use crate::{table::table, values::Secret};

/// What carries events between the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bus {
    /// Inside the process.
    Local(Local),
    /// NATS, between processes.
    Nats(Nats),
    /// Through the notifiers, for a process that reaches no NATS.
    Notifier(Notifier),
}

table! {
    /// Inside the process: nothing to set.
    Local {}
}

table! {
    /// NATS core, version 2.14 or newer. Carries live events between processes; keeps nothing.
    Nats {
        /// The servers of one NATS cluster; any of them will do.
        servers: Vec<String> = vec!["nats://127.0.0.1:4222".to_owned()], "[\"nats://127.0.0.1:4222\"]";
        /// The user to sign in as. Without one nothing is presented.
        user: Option<String> = None, "\"petit\"";
        /// Their password. Give this or the file.
        password: Option<Secret> = None, "\"…\"";
        /// A file that holds the password and nothing else.
        password_file: Option<PathBuf> = None, "\"/run/secrets/petit-nats\"";
        /// What every subject begins with, so that several installations may share one NATS.
        prefix: String = "pc".to_owned(), "\"pc\"";
    }
}

table! {
    /// Through the processes of `cluster.notifiers`, which pass on what their own bus carries: for a plexer
    /// that reaches no NATS. Nothing to set here.
    Notifier {}
}

impl Default for Bus {
    fn default() -> Self {
        Self::Local(Local::default())
    }
}

impl Bus {
    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        let Self::Nats(nats) = self else { return Ok(()) };
        if nats.servers.is_empty() {
            return Err(("bus.servers", "name at least one NATS server".to_owned()));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if nats.prefix.is_empty() || !nats.prefix.chars().all(plain) {
            return Err(("bus.prefix", "a prefix has letters, digits, - and _ only".to_owned()));
        }
        nats.password().map(drop)
    }
}

impl Nats {
    /// The password, from wherever it was given; `None` if it was not.
    ///
    /// # Errors
    /// If both ways were given, or the file cannot be read. Names the key.
    pub fn password(&self) -> Result<Option<Secret>, (&'static str, String)> {
        given_once(("bus.password", &self.password), ("bus.password_file", &self.password_file))
    }
}
