use async_trait::async_trait;
use petit_domain::{Session, SessionId, SessionKind, Timestamp, TokenHash, UserId};
use petit_ports::{Change, SessionStore, StoreError};
use uuid::Uuid;

use crate::{
    row::{code, times, tiny, unset},
    statement::Cql,
    store::ScyllaStore,
};

static PUT: Cql = Cql::lwt(
    "INSERT INTO sessions (token_hash, session_id, user_id, kind, label, created_at, expires_at, revoked_at, \
     provider_session) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS",
);
static LIST_PUT: Cql =
    Cql::write("INSERT INTO sessions_by_user (user_id, session_id, token_hash) VALUES (?, ?, ?)");
/// The latest moment wins: it is the write time too.
static SEEN: Cql = Cql::write("UPDATE sessions USING TIMESTAMP ? SET last_seen_at = ? WHERE token_hash = ?");
static FIND: Cql = Cql::read(
    "SELECT session_id, user_id, kind, label, created_at, expires_at, revoked_at, last_seen_at, provider_session FROM sessions \
     WHERE token_hash = ?",
);
static HASH: Cql = Cql::read("SELECT token_hash FROM sessions_by_user WHERE user_id = ? AND session_id = ?");
static HASHES: Cql = Cql::read("SELECT token_hash FROM sessions_by_user WHERE user_id = ?");
static REVOKE: Cql =
    Cql::lwt("UPDATE sessions SET revoked_at = ? WHERE token_hash = ? IF user_id = ? AND revoked_at = null");
/// The table forgets them after a day and an hour.
static ENDED_PUT: Cql =
    Cql::write("INSERT INTO ended_sessions (space, provider_session, at) VALUES (?, ?, ?)");
static ENDED: Cql = Cql::read("SELECT at FROM ended_sessions WHERE space = ? AND provider_session = ?");

type SessionRow = (
    Option<Uuid>,
    Option<Uuid>,
    Option<i8>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

#[async_trait]
impl SessionStore for ScyllaStore {
    async fn create(&self, session: &Session) -> Result<Change, StoreError> {
        let hash = &session.token_hash.0[..];
        let (user, id) = (session.user.uuid(), session.id.uuid());
        // First: a session that works and is in no list could not be ended.
        self.engine.run(&LIST_PUT, (user, id, hash)).await?;
        let is_new = self
            .engine
            .applies(
                &PUT,
                (
                    hash,
                    id,
                    user,
                    tiny(session.kind.parts().0),
                    &session.label,
                    session.created_at.micros(),
                    unset(session.expires_at.map(Timestamp::micros)),
                    unset(session.revoked_at.map(Timestamp::micros)),
                    unset(session.provider_session.as_deref()),
                ),
            )
            .await?;
        self.seen(&session.token_hash, session.last_seen_at).await?;
        Ok(if is_new { Change::Done } else { Change::AlreadySo })
    }

    async fn find(&self, token_hash: &TokenHash) -> Result<Option<Session>, StoreError> {
        let found = self.engine.row::<SessionRow>(&FIND, (&token_hash.0[..],)).await?;
        found.map_or(Ok(None), |row| session(*token_hash, row))
    }

    async fn get(&self, user: UserId, session: SessionId) -> Result<Option<Session>, StoreError> {
        match self.hash_of(user, session).await? {
            Some(hash) => self.find(&hash).await,
            None => Ok(None),
        }
    }

    async fn list(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let hashes = self.engine.rows::<(Vec<u8>,)>(&HASHES, (user.uuid(),)).await?;
        let mut sessions = Vec::with_capacity(hashes.len());
        for (hash,) in hashes {
            sessions.extend(self.find(&token_hash(hash)?).await?);
        }
        sessions.retain(|session| session.revoked_at.is_none());
        sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(sessions)
    }

    async fn revoke(&self, user: UserId, session: SessionId, at: Timestamp) -> Result<Change, StoreError> {
        let Some(hash) = self.hash_of(user, session).await? else { return Ok(Change::AlreadySo) };
        let ended = self.engine.applies(&REVOKE, (at.micros(), &hash.0[..], user.uuid())).await?;
        Ok(if ended { Change::Done } else { Change::AlreadySo })
    }

    async fn touch(&self, user: UserId, session: SessionId, at: Timestamp) -> Result<(), StoreError> {
        match self.hash_of(user, session).await? {
            Some(hash) => self.seen(&hash, at).await,
            None => Ok(()),
        }
    }

    async fn note_ended(&self, provider_session: &str, at: Timestamp) -> Result<(), StoreError> {
        let values = (self.engine.space, provider_session, at.micros());
        self.engine.run(&ENDED_PUT, values).await.map(drop)
    }

    async fn has_ended(&self, provider_session: &str) -> Result<bool, StoreError> {
        let found = self.engine.row::<(i64,)>(&ENDED, (self.engine.space, provider_session)).await?;
        Ok(found.is_some())
    }
}

impl ScyllaStore {
    async fn hash_of(&self, user: UserId, session: SessionId) -> Result<Option<TokenHash>, StoreError> {
        let found = self.engine.row::<(Vec<u8>,)>(&HASH, (user.uuid(), session.uuid())).await?;
        found.map(|(hash,)| token_hash(hash)).transpose()
    }

    async fn seen(&self, hash: &TokenHash, at: Timestamp) -> Result<(), StoreError> {
        self.engine.run(&SEEN, (at.micros(), at.micros(), &hash.0[..])).await.map(drop)
    }
}

fn token_hash(bytes: Vec<u8>) -> Result<TokenHash, StoreError> {
    let bytes = <[u8; 32]>::try_from(bytes);
    bytes.map(TokenHash).map_err(|_| StoreError::Inconsistent("a session's hash has a wrong length".into()))
}

/// A row that has a time of use and nothing else was never created.
fn session(token_hash: TokenHash, row: SessionRow) -> Result<Option<Session>, StoreError> {
    let (
        Some(id),
        Some(user),
        Some(kind),
        Some(label),
        Some(created_at),
        expires,
        revoked,
        seen,
        provider_session,
    ) = row
    else {
        return Ok(None);
    };
    let created_at = Timestamp::from_micros(created_at);
    Ok(Some(Session {
        id: SessionId::from_uuid(id),
        token_hash,
        user: UserId::from_uuid(user),
        kind: SessionKind::from_parts(code(Some(kind)), None),
        label,
        created_at,
        last_seen_at: times(seen).unwrap_or(created_at),
        expires_at: times(expires),
        revoked_at: times(revoked),
        provider_session,
    }))
}
