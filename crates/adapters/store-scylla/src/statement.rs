//! Statements as they are written down: the text, and what may be done with it.

use std::collections::HashMap;

use parking_lot::RwLock;
use scylla::{
    client::session::Session,
    errors::PrepareError,
    statement::{Consistency, SerialConsistency, prepared::PreparedStatement},
};

/// How a statement is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Reads what a quorum has.
    Read,
    /// Reads through Paxos, which settles what was begun before.
    Serial,
    /// Writes what may be written again.
    Write,
    /// Writes on a condition; never repeated by the driver.
    Lwt,
}

/// A statement of CQL.
pub(crate) struct Cql {
    pub(crate) text: &'static str,
    pub(crate) way: Way,
}

impl Cql {
    pub(crate) const fn read(text: &'static str) -> Self {
        Self { text, way: Way::Read }
    }

    pub(crate) const fn serial(text: &'static str) -> Self {
        Self { text, way: Way::Serial }
    }

    pub(crate) const fn write(text: &'static str) -> Self {
        Self { text, way: Way::Write }
    }

    pub(crate) const fn lwt(text: &'static str) -> Self {
        Self { text, way: Way::Lwt }
    }
}

/// What was prepared on this session, each at its first use.
#[derive(Default)]
pub(crate) struct Prepared(RwLock<HashMap<&'static str, PreparedStatement>>);

impl Prepared {
    pub(crate) async fn get(&self, session: &Session, cql: &Cql) -> Result<PreparedStatement, PrepareError> {
        if let Some(known) = self.0.read().get(cql.text) {
            return Ok(known.clone());
        }
        let mut prepared = session.prepare(cql.text).await?;
        prepared.set_consistency(match cql.way {
            Way::Serial => Consistency::LocalSerial,
            _ => Consistency::LocalQuorum,
        });
        prepared.set_serial_consistency(Some(SerialConsistency::LocalSerial));
        // The driver cannot tell a conditional statement on Cassandra: what may be repeated is said here.
        prepared.set_is_idempotent(matches!(cql.way, Way::Read | Way::Write | Way::Serial));
        self.0.write().insert(cql.text, prepared.clone());
        Ok(prepared)
    }
}
