use async_trait::async_trait;
use petit_domain::{ScheduledId, TimerId, Timestamp, UserId};
use petit_ports::{Scheduled, ScheduledPosition, ScheduledState, ScheduledStore, StoreError};
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, params};

use crate::{row, store::SqliteStore};

pub(crate) const SCHEDULED: &str = "author, scheduled_id, chat_id, text, client_id, reply_to, send_at, created_at, \
     timer_id, state, reason, is_held";

const SENT: i64 = 3;

#[async_trait]
impl ScheduledStore for SqliteStore {
    async fn put(&self, scheduled: &Scheduled) -> Result<Option<Scheduled>, StoreError> {
        let scheduled = scheduled.clone();
        self.write(move |writing| put(writing.connection, &scheduled)).await
    }

    async fn get(&self, author: UserId, id: ScheduledId) -> Result<Option<Scheduled>, StoreError> {
        self.read(|connection| find(connection, author, id))
    }

    async fn list(
        &self,
        author: UserId,
        after: Option<&ScheduledPosition>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (at.micros(), id.uuid().into_bytes()));
        let find = format!(
            "SELECT {SCHEDULED} FROM scheduled WHERE author = ?1 AND state < 3 \
             AND (send_at, scheduled_id) > (?2, ?3) ORDER BY send_at, scheduled_id LIMIT ?4"
        );
        self.read(|connection| {
            connection
                .prepare_cached(&find)?
                .query_map(params![author.uuid().into_bytes(), at, id, limit as i64], scheduled)?
                .collect()
        })
    }

    async fn swap(&self, before: &Scheduled, after: Option<&Scheduled>) -> Result<bool, StoreError> {
        let (before, after) = (before.clone(), after.cloned());
        self.write(move |writing| match &after {
            Some(after) => replace(writing.connection, &before, after),
            None => remove(writing.connection, &before),
        })
        .await
    }
}

fn put(connection: &Connection, new: &Scheduled) -> Result<Option<Scheduled>> {
    let (state, reason) = state_columns(&new.state);
    let inserted = connection
        .prepare_cached(&format!(
            "INSERT INTO scheduled ({SCHEDULED}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
             ON CONFLICT DO NOTHING"
        ))?
        .execute(params![
            new.author.uuid().into_bytes(),
            new.id.uuid().into_bytes(),
            new.chat.uuid().into_bytes(),
            new.text,
            new.client_id.as_str(),
            new.reply_to,
            new.send_at.micros(),
            new.created_at.micros(),
            new.timer.uuid().into_bytes(),
            state,
            reason,
            new.is_held.then_some(true),
        ])?;
    if inserted > 0 { Ok(None) } else { find(connection, new.author, new.id) }
}

fn find(connection: &Connection, author: UserId, id: ScheduledId) -> Result<Option<Scheduled>> {
    connection
        .prepare_cached(&format!(
            "SELECT {SCHEDULED} FROM scheduled WHERE author = ?1 AND scheduled_id = ?2"
        ))?
        .query_row([author.uuid().into_bytes(), id.uuid().into_bytes()], scheduled)
        .optional()
}

fn replace(connection: &Connection, before: &Scheduled, after: &Scheduled) -> Result<bool> {
    let (state, reason) = state_columns(&after.state);
    if state == SENT {
        forget(connection, after.send_at)?;
    }
    let replaced = connection
        .prepare_cached(
            "UPDATE scheduled SET text = ?5, reply_to = ?6, send_at = ?7, timer_id = ?8, state = ?9, reason = ?10, \
             is_held = ?11 \
             WHERE author = ?1 AND scheduled_id = ?2 AND timer_id = ?3 AND state = ?4",
        )?
        .execute(params![
            before.author.uuid().into_bytes(),
            before.id.uuid().into_bytes(),
            before.timer.uuid().into_bytes(),
            state_columns(&before.state).0,
            after.text,
            after.reply_to,
            after.send_at.micros(),
            after.timer.uuid().into_bytes(),
            state,
            reason,
            after.is_held.then_some(true),
        ])?;
    Ok(replaced > 0)
}

/// Forgets what was sent long ago.
fn forget(connection: &Connection, now: Timestamp) -> Result<()> {
    for (sql, remembered_s) in [
        ("DELETE FROM scheduled WHERE state = 3 AND send_at < ?1", Scheduled::REMEMBERED_S),
        (
            "DELETE FROM scheduled WHERE state = 3 AND is_held = 1 AND send_at < ?1",
            Scheduled::HELD_REMEMBERED_S,
        ),
    ] {
        connection.prepare_cached(sql)?.execute([now.plus_seconds(-remembered_s).micros()])?;
    }
    Ok(())
}

fn remove(connection: &Connection, before: &Scheduled) -> Result<bool> {
    let removed = connection
        .prepare_cached(
            "DELETE FROM scheduled WHERE author = ?1 AND scheduled_id = ?2 AND timer_id = ?3 AND state = ?4",
        )?
        .execute(params![
            before.author.uuid().into_bytes(),
            before.id.uuid().into_bytes(),
            before.timer.uuid().into_bytes(),
            state_columns(&before.state).0,
        ])?;
    Ok(removed > 0)
}

fn state_columns(state: &ScheduledState) -> (i64, Option<&str>) {
    match state {
        ScheduledState::Waiting => (0, None),
        ScheduledState::Sending => (1, None),
        ScheduledState::Failed(reason) => (2, Some(reason)),
        ScheduledState::Sent => (SENT, None),
    }
}

pub(crate) fn scheduled(found: &Row<'_>) -> Result<Scheduled> {
    let state = match found.get::<_, i64>(9)? {
        0 => ScheduledState::Waiting,
        1 => ScheduledState::Sending,
        2 => ScheduledState::Failed(found.get::<_, Option<String>>(10)?.unwrap_or_default()),
        SENT => ScheduledState::Sent,
        other => return Err(Error::IntegralValueOutOfRange(9, other)),
    };
    Ok(Scheduled {
        id: ScheduledId::from_uuid(row::uuid(found, 1)?),
        author: row::user(found, 0)?,
        chat: row::chat_id(found, 2)?,
        text: found.get(3)?,
        client_id: row::value(found, 4)?,
        reply_to: found.get(5)?,
        send_at: Timestamp::from_micros(found.get(6)?),
        created_at: Timestamp::from_micros(found.get(7)?),
        timer: TimerId::from_uuid(row::uuid(found, 8)?),
        state,
        is_held: found.get::<_, Option<bool>>(11)?.unwrap_or(false),
    })
}
