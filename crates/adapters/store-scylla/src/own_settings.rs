//! What people set for themselves. Every value is written at the time of its version, so of several who set at once the
//! later one wins, for each name by itself.

use std::collections::BTreeSet;

use async_trait::async_trait;
use petit_domain::{Setting, Settings, Timestamp, UserId};
use petit_ports::{Change, SettingStore, StoreError};
use serde_json::Value;
use uuid::Uuid;

use crate::{engine::Bound, receipts::of_some, statement::Cql, store::ScyllaStore};

static GET: Cql = Cql::read("SELECT name, value, version FROM settings WHERE user_id = ?");
static SET: Cql =
    Cql::write("UPDATE settings USING TIMESTAMP ? SET value = ?, version = ? WHERE user_id = ? AND name = ?");

static NAMED: Cql = Cql::read("SELECT user_id, value FROM settings WHERE user_id IN ? AND name = ?");

type Row = (String, Option<String>, Option<i64>);

#[async_trait]
impl SettingStore for ScyllaStore {
    async fn set(
        &self,
        user: UserId,
        settings: &[Setting],
        at: Timestamp,
    ) -> Result<(Settings, Change), StoreError> {
        let before = SettingStore::get(self, user).await?;
        let new: Vec<&Setting> = settings.iter().filter(|one| before.clone().with(one) != before).collect();
        if new.is_empty() {
            return Ok((before, Change::AlreadySo));
        }
        let version = at.micros().max(before.version + 1);
        let row = |one: &Setting| {
            let values = (version, one.value.to_string(), version, user.uuid(), one.name.clone());
            Bound::new(&SET, values)
        };
        self.engine.write_all(new.into_iter().map(row).collect()).await?;
        Ok((SettingStore::get(self, user).await?, Change::Done))
    }

    async fn get(&self, user: UserId) -> Result<Settings, StoreError> {
        let rows = self.engine.rows::<Row>(&GET, (user.uuid(),)).await?;
        rows.into_iter().try_fold(Settings::default(), with_row)
    }

    async fn named(&self, users: &[UserId], name: &str) -> Result<Vec<(UserId, Value)>, StoreError> {
        let users: BTreeSet<UserId> = users.iter().copied().collect();
        let users: Vec<UserId> = users.into_iter().collect();
        type Found = (Uuid, Option<String>);
        let rows = of_some(&users, |ids| self.engine.rows::<Found>(&NAMED, (ids, name))).await?;
        let one = |(user, value): Found| Ok((UserId::from_uuid(user), read(name, value.as_deref())?));
        rows.into_iter().map(one).collect()
    }
}

fn read(name: &str, value: Option<&str>) -> Result<Value, StoreError> {
    serde_json::from_str(value.unwrap_or("null"))
        .map_err(|error| StoreError::Inconsistent(format!("the setting {name}: {error}")))
}

fn with_row(settings: Settings, (name, value, version): Row) -> Result<Settings, StoreError> {
    let value = read(&name, value.as_deref())?;
    let version = settings.version.max(version.unwrap_or(0));
    Ok(Settings { version, ..settings.with(&Setting { name, value }) })
}
