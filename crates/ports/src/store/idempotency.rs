use async_trait::async_trait;
use petit_domain::{Timestamp, UserId};
use uuid::Uuid;

use super::StoreError;

/// What a key of a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key is now tied to this id: the candidate if it was new, else what it was tied to before.
    Tied(Uuid),
    /// The key was used with another request body.
    OtherBody,
}

/// Ties the key of a creating request to the id of what it creates, so that a repeat creates nothing new.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Ties `(user, key)` to `candidate`, unless it is tied. `body` is a hash of the request's body.
    /// Of several at once, all get the same answer. A tie lasts at least two days after `at`.
    async fn claim(
        &self,
        user: UserId,
        key: &str,
        body: &[u8; 32],
        candidate: Uuid,
        at: Timestamp,
    ) -> Result<Claim, StoreError>;
}
