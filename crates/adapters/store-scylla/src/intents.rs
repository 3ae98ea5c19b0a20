//! Unfinished work, in slots of ten minutes by the time in its id. What is done is marked, not deleted;
//! a slot in which all is done goes as a whole. So a look for work reads some short partitions.

use async_trait::async_trait;
use petit_domain::{IntentId, Timestamp};
use petit_ports::{Intent, IntentStore, StoreError};
use uuid::Uuid;

use crate::{statement::Cql, store::ScyllaStore};

static SLOT: Cql = Cql::write("INSERT INTO outbox_slots (space, slot) VALUES (?, ?)");
static SLOTS: Cql = Cql::read("SELECT slot FROM outbox_slots WHERE space = ?");
static CLOSE: Cql = Cql::write("DELETE FROM outbox_slots WHERE space = ? AND slot = ?");
static EMPTY: Cql = Cql::write("DELETE FROM outbox WHERE space = ? AND slot = ?");
static PUT: Cql = Cql::write("INSERT INTO outbox (space, slot, id, at, intent) VALUES (?, ?, ?, ?, ?)");
static DONE: Cql = Cql::write("UPDATE outbox SET is_done = true WHERE space = ? AND slot = ? AND id = ?");
static WORK: Cql = Cql::read("SELECT at, intent, is_done FROM outbox WHERE space = ? AND slot = ?");

const SLOT_MS: i64 = 10 * 60 * 1000;
/// A slot this old gets no new work any more, whatever the clocks say.
const CLOSED_AFTER: i64 = 6;

#[async_trait]
impl IntentStore for ScyllaStore {
    async fn put(&self, intent: &Intent) -> Result<(), StoreError> {
        let (space, slot) = (self.engine.space, slot(intent.id));
        let json =
            serde_json::to_string(intent).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        self.engine.run(&SLOT, (space, slot)).await?;
        self.engine.run(&PUT, (space, slot, intent.id.uuid(), intent.at.micros(), json)).await.map(drop)
    }

    async fn done(&self, intent: IntentId) -> Result<(), StoreError> {
        self.engine.run(&DONE, (self.engine.space, slot(intent), intent.uuid())).await.map(drop)
    }

    async fn pending(&self, before: Timestamp, limit: usize) -> Result<Vec<Intent>, StoreError> {
        let space = self.engine.space;
        let mut slots = self.engine.rows::<(i64,)>(&SLOTS, (space,)).await?;
        slots.sort_unstable();
        let newest = self.clock.now().micros() / 1000 / SLOT_MS;
        let mut found: Vec<Intent> = Vec::new();
        for (slot,) in slots {
            let open = self.open_work(space, slot).await?;
            if open.is_empty() && slot < newest - CLOSED_AFTER {
                self.engine.run(&EMPTY, (space, slot)).await?;
                self.engine.run(&CLOSE, (space, slot)).await?;
            }
            found.extend(open.into_iter().filter(|intent| intent.at < before));
        }
        found.sort_by_key(|intent| (intent.at, intent.id));
        found.truncate(limit);
        Ok(found)
    }
}

impl ScyllaStore {
    async fn open_work(&self, space: Uuid, slot: i64) -> Result<Vec<Intent>, StoreError> {
        let rows =
            self.engine.rows::<(Option<i64>, Option<String>, Option<bool>)>(&WORK, (space, slot)).await?;
        let open = rows.into_iter().filter(|(_, _, is_done)| *is_done != Some(true));
        open.filter_map(|(_, intent, _)| intent)
            .map(|json| {
                serde_json::from_str(&json).map_err(|error| StoreError::Inconsistent(error.to_string()))
            })
            .collect()
    }
}

/// Ids begin with the millisecond they were made in.
fn slot(intent: IntentId) -> i64 {
    (intent.uuid().as_u128() >> 80) as i64 / SLOT_MS
}
