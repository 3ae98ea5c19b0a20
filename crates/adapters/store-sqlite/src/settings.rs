use std::collections::BTreeSet;

use async_trait::async_trait;
use petit_domain::{Setting, Settings, Timestamp, UserId};
use petit_ports::{Change, SettingStore, StoreError};
use rusqlite::{Connection, Result, Row, params, types::Type};
use serde_json::Value;

use crate::store::SqliteStore;

#[async_trait]
impl SettingStore for SqliteStore {
    async fn set(
        &self,
        user: UserId,
        settings: &[Setting],
        at: Timestamp,
    ) -> std::result::Result<(Settings, Change), StoreError> {
        let settings = settings.to_vec();
        self.write(move |writing| set(writing.connection, user, &settings, at)).await
    }

    async fn get(&self, user: UserId) -> std::result::Result<Settings, StoreError> {
        self.read(|connection| get(connection, user))
    }

    async fn named(
        &self,
        users: &[UserId],
        name: &str,
    ) -> std::result::Result<Vec<(UserId, Value)>, StoreError> {
        let users: BTreeSet<UserId> = users.iter().copied().collect();
        self.read(|connection| {
            let mut named = Vec::new();
            let mut find = connection.prepare_cached(
                "SELECT name, value, version FROM settings WHERE user_id = ?1 AND name = ?2",
            )?;
            for user in users {
                let found = find.query_map(params![user.uuid().into_bytes(), name], |row| setting(row, 0))?;
                for one in found {
                    named.push((user, one?.0.value));
                }
            }
            Ok(named)
        })
    }
}

pub(crate) fn setting(row: &Row<'_>, first: usize) -> Result<(Setting, i64)> {
    let text: String = row.get(first + 1)?;
    let bad = |error| rusqlite::Error::FromSqlConversionFailure(first + 1, Type::Text, Box::new(error));
    let value: Value = serde_json::from_str(&text).map_err(bad)?;
    Ok((Setting { name: row.get(first)?, value }, row.get(first + 2)?))
}

pub(crate) fn get(connection: &Connection, user: UserId) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut find =
        connection.prepare_cached("SELECT name, value, version FROM settings WHERE user_id = ?1")?;
    for found in find.query_map([user.uuid().into_bytes()], |row| setting(row, 0))? {
        let (one, version) = found?;
        settings = settings.with(&one);
        settings.version = settings.version.max(version);
    }
    Ok(settings)
}

fn set(
    connection: &Connection,
    user: UserId,
    settings: &[Setting],
    at: Timestamp,
) -> Result<(Settings, Change)> {
    let before = get(connection, user)?;
    let mut now = settings.iter().fold(before.clone(), Settings::with);
    if now == before {
        return Ok((before, Change::AlreadySo));
    }
    now.version = at.micros().max(before.version + 1);
    for one in settings.iter().filter(|one| before.clone().with(one) != before) {
        connection
            .prepare_cached(
                "INSERT INTO settings (user_id, name, value, version) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value, version = excluded.version",
            )?
            .execute(params![user.uuid().into_bytes(), one.name, one.value.to_string(), now.version])?;
    }
    Ok((now, Change::Done))
}
