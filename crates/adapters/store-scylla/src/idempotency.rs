use async_trait::async_trait;
use petit_domain::{Timestamp, UserId};
use petit_ports::{Claim, IdempotencyStore, StoreError};
use uuid::Uuid;

use crate::{statement::Cql, store::ScyllaStore};

/// The table forgets ties after two days and an hour.
static TIE: Cql =
    Cql::lwt("INSERT INTO idempotency (user_id, key, body, made) VALUES (?, ?, ?, ?) IF NOT EXISTS");
static TIED: Cql = Cql::read("SELECT body, made FROM idempotency WHERE user_id = ? AND key = ?");

#[async_trait]
impl IdempotencyStore for ScyllaStore {
    async fn claim(
        &self,
        user: UserId,
        key: &str,
        body: &[u8; 32],
        candidate: Uuid,
        _at: Timestamp,
    ) -> Result<Claim, StoreError> {
        if self.engine.applies(&TIE, (user.uuid(), key, &body[..], candidate)).await? {
            return Ok(Claim::Tied(candidate));
        }
        match self.engine.row::<(Vec<u8>, Uuid)>(&TIED, (user.uuid(), key)).await? {
            Some((first, made)) if first == body => Ok(Claim::Tied(made)),
            Some(_) => Ok(Claim::OtherBody),
            None => Err(StoreError::Unavailable(None)),
        }
    }
}
