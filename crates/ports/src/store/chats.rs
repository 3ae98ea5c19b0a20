use async_trait::async_trait;
use petit_domain::{ChatId, ChatRecord, Choices, Head, MemberRecord, Message, Timestamp, UserId};

use super::{Change, StoreError, Unread};

/// A chat with what its list row needs about one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatView {
    /// The chat.
    pub chat: ChatRecord,
    /// The person's membership.
    pub member: MemberRecord,
    /// Their read marker, −1 when nothing was read.
    pub marker: i64,
    /// What is unread, as of [`Choices::unread_above`] the marker, which its `read_seq` is.
    pub read: Unread,
    /// What they chose about it for themselves, as they chose it.
    pub choices: Choices,
    /// The newest message as it is now, if any.
    pub last_message: Option<Message>,
    /// Another member, for direct chats: the other person, or oneself when alone.
    pub peer: Option<UserId>,
}

/// When something last happened in a chat, as far as it can be: a time after `until` was written by a clock that was
/// wrong, and would keep the chat above all others until it came true. Then it is when the chat was made.
pub fn active_at(chat: &ChatRecord, until: Timestamp) -> Timestamp {
    [chat.last_message_at, chat.created_at].into_iter().find(|at| *at <= until).unwrap_or_default()
}

/// A place in a list by last activity: newest first, ties by id, larger first.
pub type ChatPosition = (Timestamp, ChatId);

/// A place in the list of open chats: the folded name, then the id.
pub type OpenPosition = (String, ChatId);

/// Chats and each person's list of them.
#[async_trait]
pub trait ChatStore: Send + Sync {
    /// Creates a chat in which nothing has happened: `head`, `member_count`, `last_message_at` and `settings` of the record
    /// are ignored. Its first members are in it from the start, all or none, with their read markers at least at
    /// `joined_seq`. Creating it again changes nothing, whoever is in it by now.
    async fn create(&self, chat: &ChatRecord, members: &[MemberRecord]) -> Result<Change, StoreError>;

    /// Gives the pair's one direct chat the id `candidate`, unless it has one. The order of the two
    /// does not matter. Answers the id it has now; of several at once, all get the same answer.
    async fn claim_direct(&self, a: UserId, b: UserId, candidate: ChatId) -> Result<ChatId, StoreError>;

    /// The chat, if it exists.
    async fn get(&self, chat: ChatId) -> Result<Option<ChatRecord>, StoreError>;

    /// The chats the person is in now, archived or not as `archived` says, by last activity ([`active_at`], with times up
    /// to `until`), newest first, those after `after`.
    async fn list_for(
        &self,
        user: UserId,
        archived: bool,
        until: Timestamp,
        after: Option<&ChatPosition>,
        limit: usize,
    ) -> Result<Vec<ChatView>, StoreError>;

    /// One chat as the person's list shows it; `None` if they are not in it.
    async fn find_for(&self, user: UserId, chat: ChatId) -> Result<Option<ChatView>, StoreError>;

    /// Every chat the person is in now, with its head, in any order.
    async fn heads_for(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, StoreError>;

    /// Open chats with a folded name that begins with `prefix`, by (folded name, id), those after `after`.
    async fn list_open(
        &self,
        prefix: &str,
        after: Option<&OpenPosition>,
        limit: usize,
    ) -> Result<Vec<ChatRecord>, StoreError>;

    /// Every chat, in an order of the engine's own, each once, those after `after`. Chats made meanwhile may be left out.
    async fn list_all(&self, after: Option<ChatId>, limit: usize) -> Result<Vec<ChatId>, StoreError>;
}
