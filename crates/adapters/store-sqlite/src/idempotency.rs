use async_trait::async_trait;
use petit_domain::{Timestamp, UserId};
use petit_ports::{Claim, IdempotencyStore, StoreError};
use rusqlite::{Connection, Result, params};
use uuid::Uuid;

use crate::{row, store::SqliteStore};

/// Ties older than two days may go.
const KEPT_S: i64 = 2 * 24 * 3600;

#[async_trait]
impl IdempotencyStore for SqliteStore {
    async fn claim(
        &self,
        user: UserId,
        key: &str,
        body: &[u8; 32],
        candidate: Uuid,
        at: Timestamp,
    ) -> Result<Claim, StoreError> {
        let (key, body) = (key.to_owned(), *body);
        self.write(move |writing| claim(writing.connection, user, &key, &body, candidate, at)).await
    }
}

fn claim(
    connection: &Connection,
    user: UserId,
    key: &str,
    body: &[u8; 32],
    candidate: Uuid,
    at: Timestamp,
) -> Result<Claim> {
    let user = user.uuid().into_bytes();
    connection
        .prepare_cached("DELETE FROM idempotency WHERE at < ?1")?
        .execute([at.plus_seconds(-KEPT_S).micros()])?;
    connection
        .prepare_cached(
            "INSERT INTO idempotency (user_id, key, body, made, at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![user, key, body, candidate.into_bytes(), at.micros()])?;
    connection
        .prepare_cached("SELECT made, body FROM idempotency WHERE user_id = ?1 AND key = ?2")?
        .query_row(params![user, key], |found| {
            let same = found.get::<_, [u8; 32]>(1)? == *body;
            Ok(if same { Claim::Tied(row::uuid(found, 0)?) } else { Claim::OtherBody })
        })
}
