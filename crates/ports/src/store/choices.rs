use async_trait::async_trait;
use petit_domain::{ChatId, Choice, Choices, Timestamp, UserId};

use super::{Change, StoreError};

/// What people chose about chats for themselves: one row for each person and chat. Whether the person is in the chat
/// is nothing to it: what they chose waits for them when they come back.
#[async_trait]
pub trait ChoiceStore: Send + Sync {
    /// Makes these choices of a person about a chat, each instead of the one of its kind that was there. Of several who
    /// choose at once the later one counts, for each kind by itself. What is so already is not written. Answers all
    /// choices as they are then, with a version that is higher than before if anything changed: in microseconds at
    /// least `at`.
    async fn choose(
        &self,
        user: UserId,
        chat: ChatId,
        choices: &[Choice],
        at: Timestamp,
    ) -> Result<(Choices, Change), StoreError>;

    /// The choices of a person about a chat as they were made, over or not; those of nobody have version 0.
    async fn get(&self, user: UserId, chat: ChatId) -> Result<Choices, StoreError>;
}
