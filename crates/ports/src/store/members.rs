use async_trait::async_trait;
use petit_domain::{ChatId, MemberRecord, Rules, UserId};

use super::{Change, Ruling, StoreError};

/// Who is in which chat. The chat's log decides; what is kept here follows it.
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// The number of the chat's newest change that is in members and name; −1 when none is, `None` if there is no such
    /// chat. Whoever asks afterwards who is in the chat, or how it is called, sees at least that.
    async fn applied(&self, chat: ChatId) -> Result<Option<i64>, StoreError>;

    /// Takes members and name of a chat from change `after` to change `cseq`, which says `ruling`; the caller has seen
    /// that no change between the two says anything of them. `AlreadySo` if they are not at `after` (any more), or
    /// there is no such chat: nothing is changed then, so that copies that come late or twice are harmless.
    ///
    /// Who comes in, or stays with another role, has what the ruling says, and is counted once; their read marker is
    /// at least at `joined_seq`. Who goes is not counted any more.
    ///
    /// Settings are set even where it is `AlreadySo`, unless a later change set them: a version that does not know them
    /// may have gone past their change.
    async fn follow(
        &self,
        chat: ChatId,
        after: i64,
        cseq: i64,
        ruling: &Ruling,
    ) -> Result<Change, StoreError>;

    /// The membership, if the person is in the chat now.
    async fn get(&self, chat: ChatId, user: UserId) -> Result<Option<MemberRecord>, StoreError>;

    /// The membership, if the person is in the chat now, with the rules of the chat, in one read.
    async fn standing(&self, chat: ChatId, user: UserId)
    -> Result<Option<(MemberRecord, Rules)>, StoreError>;

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
