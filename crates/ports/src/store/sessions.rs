use async_trait::async_trait;
use petit_domain::{Session, SessionId, Timestamp, TokenHash, UserId};

use super::{Change, StoreError};

/// Signed-in devices and bearer tokens.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Keeps a session. Creating it again changes nothing.
    async fn create(&self, session: &Session) -> Result<Change, StoreError>;

    /// The session whose secret has this hash, live or not.
    async fn find(&self, token_hash: &TokenHash) -> Result<Option<Session>, StoreError>;

    /// The session of this person with this id, live or not.
    async fn get(&self, user: UserId, session: SessionId) -> Result<Option<Session>, StoreError>;

    /// The person's sessions that were not revoked, newest first.
    async fn list(&self, user: UserId) -> Result<Vec<Session>, StoreError>;

    /// Ends a session. `AlreadySo` if it was ended before, is not the person's, or never was. The first time stands.
    async fn revoke(&self, user: UserId, session: SessionId, at: Timestamp) -> Result<Change, StoreError>;

    /// Notes that a session was used. The latest moment wins in any order of arrival.
    async fn touch(&self, user: UserId, session: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Notes that the identity provider has ended this session of its own. Again is fine. It is remembered for
    /// at least a day after `at`.
    async fn note_ended(&self, provider_session: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Whether that was noted. Of two who do both, one creating a session and asking, the other noting and
    /// listing sessions, at least one sees what the other did.
    async fn has_ended(&self, provider_session: &str) -> Result<bool, StoreError>;
}
