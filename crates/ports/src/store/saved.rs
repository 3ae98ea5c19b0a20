use async_trait::async_trait;
use petit_domain::{ChatId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{Change, StoreError};

/// That somebody saved a message for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The message's chat.
    pub chat: ChatId,
    /// Its number.
    pub seq: i64,
    /// When it was saved.
    pub at: Timestamp,
}

impl Saved {
    /// Where it stands in its person's list.
    pub const fn position(&self) -> std::cmp::Reverse<(Timestamp, ChatId, i64)> {
        std::cmp::Reverse((self.at, self.chat, self.seq))
    }
}

/// What became of saving a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// It was not saved before.
    Done,
    /// It was saved already, at this time, which stays.
    AlreadySo(Timestamp),
    /// The person has saved as many as anybody may. Nothing was written.
    TooMany,
}

/// What people saved for themselves, each a set of messages of any chats. Nobody looks here whether there is such a
/// message, and whether the person may see it: what they saved waits for them when they come back to a chat.
///
/// - However much a person saves at once, they never have more than [`petit_domain::MOST_SAVED`].
/// - Whoever was answered by a write reads what was written.
#[async_trait]
pub trait SavedStore: Send + Sync {
    /// Saves a message. Again changes nothing, also where no other one could be saved.
    async fn add(&self, user: UserId, saved: &Saved) -> Result<Saving, StoreError>;

    /// Takes it out. Again, and of what was never saved, changes nothing.
    async fn remove(&self, user: UserId, chat: ChatId, seq: i64) -> Result<Change, StoreError>;

    /// Everything a person saved, the newest first; of one time by the higher chat, then by the higher number.
    async fn list(&self, user: UserId) -> Result<Vec<Saved>, StoreError>;
}
