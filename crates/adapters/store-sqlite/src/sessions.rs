use async_trait::async_trait;
use petit_domain::{Session, SessionId, SessionKind, Timestamp, TokenHash, UserId};
use petit_ports::{Change, SessionStore, StoreError};
use rusqlite::{OptionalExtension, Result, Row, params};

use crate::{
    row,
    store::{SqliteStore, change},
};

/// How long a session of the provider is known as ended.
const ENDED_KEPT_S: i64 = 25 * 3600;

pub(crate) const SESSION: &str = "session_id, token_hash, user_id, kind, label, created_at, last_seen_at, expires_at, revoked_at, \
     provider_session";

pub(crate) fn session(found: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: row::uuid(found, 0).map(SessionId::from_uuid)?,
        token_hash: TokenHash(found.get(1)?),
        user: row::user(found, 2)?,
        kind: SessionKind::from_parts(row::code(found, 3)?, None),
        label: found.get(4)?,
        created_at: row::time(found, 5)?,
        last_seen_at: row::time(found, 6)?,
        expires_at: row::optional_time(found, 7)?,
        revoked_at: row::optional_time(found, 8)?,
        provider_session: found.get(9)?,
    })
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create(&self, session: &Session) -> Result<Change, StoreError> {
        let session = session.clone();
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached(
                    "INSERT INTO sessions (token_hash, session_id, user_id, kind, label, created_at, last_seen_at, expires_at, \
                     revoked_at, provider_session) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    session.token_hash.0,
                    session.id.uuid().into_bytes(),
                    session.user.uuid().into_bytes(),
                    session.kind.parts().0,
                    session.label,
                    session.created_at.micros(),
                    session.last_seen_at.micros(),
                    session.expires_at.map(Timestamp::micros),
                    session.revoked_at.map(Timestamp::micros),
                    session.provider_session,
                ])
                .map(change)
        })
        .await
    }

    async fn find(&self, token_hash: &TokenHash) -> Result<Option<Session>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("SELECT {SESSION} FROM sessions WHERE token_hash = ?1"))?
                .query_row([token_hash.0], session)
                .optional()
        })
    }

    async fn get(&self, user: UserId, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {SESSION} FROM sessions WHERE session_id = ?1 AND user_id = ?2"
                ))?
                .query_row([id.uuid().into_bytes(), user.uuid().into_bytes()], session)
                .optional()
        })
    }

    async fn list(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {SESSION} FROM sessions WHERE user_id = ?1 AND revoked_at IS NULL \
                     ORDER BY created_at DESC, session_id DESC"
                ))?
                .query_map([user.uuid().into_bytes()], session)?
                .collect()
        })
    }

    async fn revoke(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<Change, StoreError> {
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached(
                    "UPDATE sessions SET revoked_at = ?3 WHERE session_id = ?1 AND user_id = ?2 AND revoked_at IS NULL",
                )?
                .execute(params![id.uuid().into_bytes(), user.uuid().into_bytes(), at.micros()])
                .map(change)
        })
        .await
    }

    async fn touch(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached(
                    "UPDATE sessions SET last_seen_at = max(last_seen_at, ?3) WHERE session_id = ?1 AND user_id = ?2",
                )?
                .execute(params![id.uuid().into_bytes(), user.uuid().into_bytes(), at.micros()])
                .map(|_| ())
        })
        .await
    }

    async fn note_ended(&self, provider_session: &str, at: Timestamp) -> Result<(), StoreError> {
        let name = provider_session.to_owned();
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached("DELETE FROM ended_sessions WHERE at < ?1")?
                .execute([at.plus_seconds(-ENDED_KEPT_S).micros()])?;
            writing
                .connection
                .prepare_cached("INSERT INTO ended_sessions (provider_session, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![name, at.micros()])
                .map(|_| ())
        })
        .await
    }

    async fn has_ended(&self, provider_session: &str) -> Result<bool, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM ended_sessions WHERE provider_session = ?1")?
                .exists([provider_session])
        })
    }
}
