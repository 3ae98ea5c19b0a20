use async_trait::async_trait;
use petit_domain::{IntentId, Timestamp};
use petit_ports::{Intent, IntentStore, StoreError};
use rusqlite::{Error, Result, Row, params, types::Type};

use crate::store::SqliteStore;

#[async_trait]
impl IntentStore for SqliteStore {
    async fn put(&self, intent: &Intent) -> std::result::Result<(), StoreError> {
        let json =
            serde_json::to_string(intent).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        let (id, at) = (intent.id, intent.at);
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached(
                    "INSERT INTO outbox (intent_id, at, intent) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![id.uuid().into_bytes(), at.micros(), json])
                .map(|_| ())
        })
        .await
    }

    async fn done(&self, intent: IntentId) -> std::result::Result<(), StoreError> {
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached("DELETE FROM outbox WHERE intent_id = ?1")?
                .execute([intent.uuid().into_bytes()])
                .map(|_| ())
        })
        .await
    }

    async fn pending(&self, before: Timestamp, limit: usize) -> std::result::Result<Vec<Intent>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT intent FROM outbox WHERE at < ?1 ORDER BY at, intent_id LIMIT ?2")?
                .query_map([before.micros(), limit as i64], intent)?
                .collect()
        })
    }
}

pub(crate) fn intent(found: &Row<'_>) -> Result<Intent> {
    let json: String = found.get(0)?;
    serde_json::from_str(&json)
        .map_err(|error| Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
