use async_trait::async_trait;
use petit_domain::{ChatId, UserId};

use super::StoreError;

/// Where a read marker stands after [`ReadMarkerStore::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The marker now: never lower than before.
    pub seq: i64,
    /// Whether this call moved it.
    pub moved: bool,
}

/// How far everybody has read: for each person and chat the highest number ever marked.
#[async_trait]
pub trait ReadMarkerStore: Send + Sync {
    /// Raises the marker to `seq`. The highest number wins in any order of arrival; the caller makes
    /// sure that `seq` is not past the chat's head.
    async fn mark(&self, chat: ChatId, user: UserId, seq: i64) -> Result<Marked, StoreError>;

    /// The marker, −1 when nothing was read.
    async fn get(&self, chat: ChatId, user: UserId) -> Result<i64, StoreError>;
}
