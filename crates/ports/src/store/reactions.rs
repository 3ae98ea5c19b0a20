use async_trait::async_trait;
use petit_domain::{ChatId, Emoji, Reactions, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// That a person reacted to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionRecord {
    /// What it counts as.
    pub emoji: Emoji,
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// With the skin tone they chose, if they chose one.
    pub shown: Option<Emoji>,
}

/// What became of adding or removing a reaction, with the summary right after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reacted {
    /// It was not so before.
    Done(Reactions),
    /// It was so already; nothing was written.
    AlreadySo(Reactions),
    /// It would be one kind more than a message may have; nothing was written.
    TooManyKinds,
}

/// Reactions as the set of who reacted to what with which emoji, and its summary, which is written with it: the
/// counts are those of the set at any moment, whoever reacts at once.
///
/// The set knows nothing of messages: whether there is one to react to is the caller's to know. What a message shows is
/// the summary as it was when [`super::Revision::Reactions`] was numbered.
#[async_trait]
pub trait ReactionStore: Send + Sync {
    /// Adds one. The same person and emoji again is `AlreadySo` and keeps the first one. A kind that is new to the
    /// message stands last in its summary.
    async fn add(&self, chat: ChatId, seq: i64, new: &ReactionRecord) -> Result<Reacted, StoreError>;

    /// Takes one back.
    async fn remove(
        &self,
        chat: ChatId,
        seq: i64,
        user: UserId,
        emoji: &Emoji,
    ) -> Result<Reacted, StoreError>;

    /// The summary of a message's set.
    async fn summary(&self, chat: ChatId, seq: i64) -> Result<Reactions, StoreError>;

    /// The set of a message, with this emoji or with any, by emoji and person, above that place.
    async fn list(
        &self,
        chat: ChatId,
        seq: i64,
        emoji: Option<&Emoji>,
        after: Option<(&Emoji, UserId)>,
        limit: usize,
    ) -> Result<Vec<ReactionRecord>, StoreError>;

    /// What this person reacted with to any of these messages of a chat, in one read. Whoever was answered finds it here.
    async fn own(&self, chat: ChatId, user: UserId, seqs: &[i64]) -> Result<Vec<(i64, Emoji)>, StoreError>;

    /// Empties the set of a message that is gone.
    async fn clear(&self, chat: ChatId, seq: i64) -> Result<(), StoreError>;
}
