use async_trait::async_trait;
use petit_domain::{ChatId, MemberRecord, MemberRole, UserId};

use super::{Change, StoreError};

/// Who is in which chat.
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// Puts somebody into a chat and counts them. `AlreadySo` if they are in it, whatever their role;
    /// nothing is changed then. Who left may come back. Sets their read marker to at least `joined_seq`.
    async fn add(&self, member: &MemberRecord) -> Result<Change, StoreError>;

    /// Takes somebody out of a chat and uncounts them. `AlreadySo` if they are not in it.
    async fn remove(&self, chat: ChatId, user: UserId) -> Result<Change, StoreError>;

    /// Sets a member's role. `AlreadySo` if they have it or are not in the chat.
    async fn set_role(&self, chat: ChatId, user: UserId, role: MemberRole) -> Result<Change, StoreError>;

    /// The membership, if the person is in the chat now.
    async fn get(&self, chat: ChatId, user: UserId) -> Result<Option<MemberRecord>, StoreError>;

    /// Who is in the chat now, ordered by id, those after `after`.
    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<MemberRecord>, StoreError>;

    /// Whether both are in one chat now. Everybody shares a chat with themselves.
    async fn share_chat(&self, a: UserId, b: UserId) -> Result<bool, StoreError>;
}
