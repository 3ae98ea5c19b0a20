//! Brings the schema to this version. Steps only add, so that an older process may go on beside a newer one.

use std::time::Duration;

use petit_ports::{Clock, Random};
use scylla::{client::session::Session, serialize::row::SerializeRow, statement::Statement, value::Row};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{error::ConnectError, settings::Settings};

/// A step of the schema: statements, separated by semicolons, each of which may be repeated. So may
/// `ALTER TABLE … ADD` of one column: it is left out where the column is there.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number; steps run in this order.
    pub id: i32,
    /// The statements.
    pub cql: &'static str,
}

/// The steps of this version.
pub const STEPS: &[Migration] = &[
    Migration { id: 1, cql: include_str!("schema/0001.cql") },
    Migration { id: 2, cql: include_str!("schema/0002.cql") },
    Migration { id: 3, cql: include_str!("schema/0003.cql") },
    Migration { id: 4, cql: include_str!("schema/0004.cql") },
    Migration { id: 5, cql: include_str!("schema/0005.cql") },
    Migration { id: 6, cql: include_str!("schema/0006.cql") },
    Migration { id: 7, cql: include_str!("schema/0007.cql") },
    Migration { id: 8, cql: include_str!("schema/0008.cql") },
    Migration { id: 9, cql: include_str!("schema/0009.cql") },
    Migration { id: 10, cql: include_str!("schema/0010.cql") },
    Migration { id: 11, cql: include_str!("schema/0011.cql") },
    Migration { id: 12, cql: include_str!("schema/0012.cql") },
    Migration { id: 13, cql: include_str!("schema/0013.cql") },
    Migration { id: 14, cql: include_str!("schema/0014.cql") },
];

/// How long one process may hold the lock before another takes it over.
const LEASE_S: i32 = 60;
/// How long to wait for another process that changes the schema.
const PATIENCE: Duration = Duration::from_secs(120);
const AGAIN: Duration = Duration::from_millis(250);
/// How long one statement may take that changes the schema: much longer than others.
const CHANGE: Duration = Duration::from_secs(30);

const OWN_TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS schema_steps (part text, id int, checksum blob, applied_at bigint, PRIMARY KEY ((part), id))",
    "CREATE TABLE IF NOT EXISTS schema_lock (name text PRIMARY KEY, owner uuid)",
];

fn failed(error: impl std::fmt::Display) -> ConnectError {
    ConnectError::Schema(error.to_string())
}

/// Makes the keyspace if needed, uses it, and runs the steps that were not run. One process at a time does
/// so; the others wait for it.
pub(crate) async fn migrate(
    session: &Session,
    settings: &Settings,
    steps: &[Migration],
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), ConnectError> {
    use_keyspace(session, settings).await?;
    let keyspace = settings.keyspace.as_str();
    let known = applied(session, keyspace).await.unwrap_or_default();
    if is_up_to_date(&known, steps)? {
        return Ok(());
    }
    for table in OWN_TABLES {
        change(session, table).await?;
    }
    let owner = Uuid::from_u64_pair(random.next_u64(), random.next_u64());
    lock(session, keyspace, owner).await?;
    let done = run(session, keyspace, owner, steps, clock).await;
    let unlock = format!("DELETE FROM {keyspace}.schema_lock WHERE name = 'schema' IF owner = ?");
    session.query_unpaged(unlock, (owner,)).await.map_err(failed)?;
    done
}

async fn use_keyspace(session: &Session, settings: &Settings) -> Result<(), ConnectError> {
    let (keyspace, center, copies) = (&settings.keyspace, &settings.datacenter, settings.replication);
    let find = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
    let found = session.query_unpaged(find, (keyspace,)).await.map_err(failed)?;
    if found.into_rows_result().map_err(failed)?.rows_num() == 0 {
        let make = format!(
            "CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = \
             {{'class': 'NetworkTopologyStrategy', '{center}': {copies}}}"
        );
        change(session, make).await?;
        session.await_schema_agreement().await.map_err(failed)?;
    }
    // What another process is making right now is listed, and can be used only a moment later.
    let begun = tokio::time::Instant::now();
    loop {
        match session.use_keyspace(keyspace, false).await {
            Err(_) if begun.elapsed() < CHANGE => tokio::time::sleep(AGAIN).await,
            outcome => return outcome.map_err(failed),
        }
    }
}

/// Whether the statement adds a column that an interrupted run has added already. The engines have no common
/// way to say so in CQL.
async fn is_column_there(session: &Session, keyspace: &str, statement: &str) -> Result<bool, ConnectError> {
    let words: Vec<&str> = statement.split_whitespace().take(5).collect();
    let ["ALTER", "TABLE", table, "ADD", column] = words[..] else { return Ok(false) };
    let find = "SELECT column_name FROM system_schema.columns \
                WHERE keyspace_name = ? AND table_name = ? AND column_name = ?";
    let found = session.query_unpaged(find, (keyspace, table, column)).await.map_err(failed)?;
    Ok(found.into_rows_result().map_err(failed)?.rows_num() > 0)
}

async fn change(session: &Session, text: impl Into<Statement>) -> Result<(), ConnectError> {
    let mut statement = text.into();
    statement.set_request_timeout(Some(CHANGE));
    session.query_unpaged(statement, ()).await.map(drop).map_err(failed)
}

/// The steps that were run, with the checksum of each. Fails where there is no such table yet.
async fn applied(session: &Session, keyspace: &str) -> Result<Vec<(i32, Vec<u8>)>, ConnectError> {
    let read = format!("SELECT id, checksum FROM {keyspace}.schema_steps WHERE part = 'store'");
    let answer = session.query_unpaged(read, ()).await.map_err(failed)?.into_rows_result().map_err(failed)?;
    answer.rows::<(i32, Vec<u8>)>().map_err(failed)?.collect::<Result<_, _>>().map_err(failed)
}

/// Whether nothing is to be done. Steps that only a newer version knows are fine: they only add.
fn is_up_to_date(known: &[(i32, Vec<u8>)], steps: &[Migration]) -> Result<bool, ConnectError> {
    let mut all = true;
    for step in steps {
        match known.iter().find(|(id, _)| *id == step.id) {
            Some((_, checksum)) if checksum[..] == Sha256::digest(step.cql)[..] => {}
            Some(_) => return Err(ConnectError::Foreign(step.id)),
            None => all = false,
        }
    }
    Ok(all)
}

async fn lock(session: &Session, keyspace: &str, owner: Uuid) -> Result<(), ConnectError> {
    let take = format!(
        "INSERT INTO {keyspace}.schema_lock (name, owner) VALUES ('schema', ?) IF NOT EXISTS USING TTL {LEASE_S}"
    );
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        if applies(session, &take, (owner,)).await? {
            return Ok(());
        }
        tokio::time::sleep(AGAIN).await;
    }
    Err(failed("another process has been changing the schema for too long"))
}

/// Holds on to the lock. Whoever was too slow has lost it to somebody who does the same work.
async fn renew(session: &Session, keyspace: &str, owner: Uuid) -> Result<(), ConnectError> {
    let renew = format!(
        "UPDATE {keyspace}.schema_lock USING TTL {LEASE_S} SET owner = ? WHERE name = 'schema' IF owner = ?"
    );
    match applies(session, &renew, (owner, owner)).await? {
        true => Ok(()),
        false => Err(failed("another process has taken the change of the schema over")),
    }
}

async fn applies(session: &Session, text: &str, values: impl SerializeRow) -> Result<bool, ConnectError> {
    let answer = session.query_unpaged(text, values).await.map_err(failed)?;
    let answer = answer.into_rows_result().map_err(failed)?;
    let row = answer.first_row::<Row>().map_err(failed)?;
    Ok(row.columns.first().cloned().flatten().and_then(|value| value.as_boolean()) == Some(true))
}

async fn run(
    session: &Session,
    keyspace: &str,
    owner: Uuid,
    steps: &[Migration],
    clock: &dyn Clock,
) -> Result<(), ConnectError> {
    let known = applied(session, keyspace).await?;
    is_up_to_date(&known, steps)?;
    for step in steps.iter().filter(|step| known.iter().all(|(id, _)| *id != step.id)) {
        for statement in step.cql.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            renew(session, keyspace, owner).await?;
            if !is_column_there(session, keyspace, statement).await? {
                change(session, statement).await?;
            }
        }
        session.await_schema_agreement().await.map_err(failed)?;
        let note = format!(
            "INSERT INTO {keyspace}.schema_steps (part, id, checksum, applied_at) VALUES ('store', ?, ?, ?)"
        );
        let checksum = Sha256::digest(step.cql).to_vec();
        session.query_unpaged(note, (step.id, checksum, clock.now().micros())).await.map_err(failed)?;
    }
    Ok(())
}
