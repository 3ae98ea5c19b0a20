use async_trait::async_trait;
use petit_domain::{ChatId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// How many of a person's newest mentions are counted at least.
pub const COUNTED_MENTIONS: usize = 500;

/// Whom a message mentions in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionedBy {
    /// The message's chat.
    pub chat: ChatId,
    /// Its number.
    pub seq: i64,
    /// When it was written; the same in each version.
    pub at: Timestamp,
    /// The change that made this version (`Message::cseq`).
    pub version: i64,
    /// Everybody it mentions, each once.
    pub people: Vec<UserId>,
}

/// A place in a person's list of mentions: newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mention {
    /// When the message was written.
    pub at: Timestamp,
    /// Its chat.
    pub chat: ChatId,
    /// Its number.
    pub seq: i64,
}

/// Who is mentioned where: derived from the log.
#[async_trait]
pub trait MentionStore: Send + Sync {
    /// Makes those whom a message mentions exactly `people`, taking out whom an older version mentioned. Again is
    /// fine; an older version after a newer one changes nothing.
    async fn settle(&self, mentioned: &MentionedBy) -> Result<(), StoreError>;

    /// Mentions of a person, newest first, those after `after`.
    async fn list(
        &self,
        user: UserId,
        after: Option<&Mention>,
        limit: usize,
    ) -> Result<Vec<Mention>, StoreError>;

    /// How often a person is mentioned in each of these chats above its number, in the same order. Mentions older
    /// than their newest [`COUNTED_MENTIONS`] may be left out.
    async fn count(&self, user: UserId, above: &[(ChatId, i64)]) -> Result<Vec<i64>, StoreError>;
}
