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
    pub(crate) fn find(&self, cql: &Cql) -> Option<PreparedStatement> {
        self.0.read().get(cql.text).cloned()
    }

    pub(crate) async fn make(&self, session: &Session, cql: &Cql) -> Result<PreparedStatement, PrepareError> {
        let keyspace = session.get_keyspace().map(|name| name.to_string()).unwrap_or_default();
        let mut prepared = session.prepare(qualified(cql.text, &keyspace)).await?;
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

/// The statement with its table named in full: what a bare name means would hang on the connection.
fn qualified(text: &str, keyspace: &str) -> String {
    let mut is_table = false;
    let words = text.split_whitespace().map(|word| {
        let named = if is_table { format!("{keyspace}.{word}") } else { word.to_owned() };
        is_table = matches!(word, "FROM" | "INTO" | "UPDATE");
        named
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::qualified;

    #[test]
    fn tables_are_named_in_full() {
        for (text, full) in [
            ("SELECT a FROM t WHERE b = ?", "SELECT a FROM k.t WHERE b = ?"),
            ("INSERT INTO t (a) VALUES (?)", "INSERT INTO k.t (a) VALUES (?)"),
            ("UPDATE t USING TIMESTAMP ? SET a = ?", "UPDATE k.t USING TIMESTAMP ? SET a = ?"),
            ("DELETE FROM t WHERE a = ?", "DELETE FROM k.t WHERE a = ?"),
        ] {
            assert_eq!(qualified(text, "k"), full);
        }
    }
}
