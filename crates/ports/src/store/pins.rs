use async_trait::async_trait;
use petit_domain::{ChatId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// That a message is pinned in its chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The message's number.
    pub seq: i64,
    /// Who pinned it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What became of pinning a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// It was not pinned before.
    Done,
    /// It was pinned already; who did it and when stays.
    AlreadySo,
    /// As many are pinned as may be. Nothing was written.
    TooMany,
}

/// What is pinned in a chat: the truth of it. A message says so once the log was told ([`super::Revision::Pin`]).
///
/// - A message is pinned once, by whoever came first. Nobody looks here whether there is such a message.
/// - However many pin at once, a chat never has more than [`petit_domain::MOST_PINS`].
/// - Whoever was answered by a write reads what was written.
#[async_trait]
pub trait PinStore: Send + Sync {
    /// Pins a message. Again changes nothing, also where no other one could be pinned.
    async fn add(&self, chat: ChatId, pin: &Pin) -> Result<Pinned, StoreError>;

    /// Takes a pin away. Again, and of what was never pinned, changes nothing.
    async fn remove(&self, chat: ChatId, seq: i64) -> Result<super::Change, StoreError>;

    /// Whether a message is pinned.
    async fn is_pinned(&self, chat: ChatId, seq: i64) -> Result<bool, StoreError>;

    /// All pins of a chat, the newest first; of two of one time the one of the higher number first.
    async fn list(&self, chat: ChatId) -> Result<Vec<Pin>, StoreError>;
}
