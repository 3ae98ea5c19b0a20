use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, Edition, Head, Message, MessageKind, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// A message that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// Who writes it.
    pub author: UserId,
    /// What it is.
    pub kind: MessageKind,
    /// Markdown, or what the kind says.
    pub text: String,
    /// The sender's own name for it: with the author and the chat it makes a repeat harmless.
    pub client_id: ClientId,
    /// Number of the message it answers.
    pub reply_to: Option<i64>,
    /// Whom it is about.
    pub subject: Option<UserId>,
    /// When it reached us. The store moves it forward by microseconds where that is needed to rise with `seq`.
    pub at: Timestamp,
    /// Random bits of its id.
    pub random: u64,
    /// A change that is numbered in the same step, so that neither is ever seen without the other.
    pub change: Option<ChangeKind>,
}

/// What a numbered change is about. Who needs more looks at the thing itself, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    /// The message with this number was edited.
    MessageEdited(i64),
    /// The message with this number was deleted.
    MessageDeleted(i64),
    /// This person joined or has another role.
    MemberChanged(UserId),
    /// This person is gone.
    MemberRemoved(UserId),
    /// The chat has another name.
    ChatRenamed,
}

/// A change that has no number yet and comes without a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChange {
    /// What it is about.
    pub kind: ChangeKind,
    /// Who did it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
}

/// A numbered change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Its number: 0, 1, 2 … without gaps.
    pub cseq: i64,
    /// What it is about.
    pub kind: ChangeKind,
    /// Who did it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
}

/// How appending ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appended {
    /// The message has a number and is durable.
    New(Message),
    /// This author sent this client id to this chat before; here is that message as it is now. Nothing was written.
    Repeated(Message),
    /// `reply_to` names no message of the chat. Nothing was written.
    NoSuchReply,
    /// There is no such chat. Nothing was written.
    NoSuchChat,
}

/// How editing or deleting ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edited {
    /// It was changed, the change is numbered (`Message::cseq`) and durable.
    Done(Message),
    /// It was so already; here it is. Nothing was written.
    AlreadySo(Message),
    /// An edit came after the deletion. Nothing was written.
    Deleted,
    /// No message has this number. Nothing was written.
    NoSuchMessage,
}

/// Which messages a page holds. Bounds are exclusive, but for `Around`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageAt {
    /// The newest ones.
    Newest,
    /// The newest ones below this number.
    Before(i64),
    /// The oldest ones above this number.
    After(i64),
    /// This number with about half a page on either side.
    Around(i64),
}

/// What became durable in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The chat.
    pub chat: ChatId,
    /// Its head right after this entry.
    pub head: Head,
    /// What was written.
    pub entry: CommitEntry,
}

/// A written entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitEntry {
    /// A new message, and the change that came with it.
    Message(Message, Option<ChangeKind>),
    /// An edit or deletion, with the message as it is now.
    Revision(ChangeKind, Message),
    /// Another change.
    Change(ChangeKind),
}

/// Is told what became durable, so that it can be announced in the order of the numbers.
pub trait CommitObserver: Send + Sync {
    /// Called after an entry is durable and before its writer is answered: once for every new entry,
    /// never for a repeat; entries of one chat in the order of their numbers. Must not block.
    fn committed(&self, commit: Commit);
}

/// Messages and changes of every chat, numbered without gaps.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// Who is told about everything that becomes durable from now on. Set once, at start.
    fn observe(&self, observer: std::sync::Arc<dyn CommitObserver>);

    /// Gives the message the chat's next number and makes it durable; moves the author's read marker
    /// to it and the chat's last activity. `created_at` strictly rises with `seq`. The marker of who sends
    /// several messages in a second may reach other processes a quarter of a second late.
    async fn append(&self, chat: ChatId, message: NewMessage) -> Result<Appended, StoreError>;

    /// Gives a change the chat's next change number and makes it durable. `None` if there is no such
    /// chat. Repeating it numbers it again: the caller asks only after something did change.
    async fn append_change(
        &self,
        chat: ChatId,
        change: NewChange,
    ) -> Result<Option<ChangeRecord>, StoreError>;

    /// Replaces a message's text, keeps the old one in its history and numbers the change. The same
    /// text again is `AlreadySo`.
    async fn edit(
        &self,
        chat: ChatId,
        seq: i64,
        text: &str,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError>;

    /// Empties a message, forgets its history and numbers the change; its number stays taken. Again is `AlreadySo`.
    async fn delete(
        &self,
        chat: ChatId,
        seq: i64,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError>;

    /// The chat's newest numbers; `None` if there is no such chat.
    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError>;

    /// One message as it is now.
    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError>;

    /// A page of messages, by rising number. Numbers inside a page have no gap.
    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError>;

    /// Changes above `cseq`, by rising number, without a gap from `cseq + 1`, unless older ones expired.
    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError>;

    /// Earlier texts of a message, newest first.
    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError>;

    /// Whether the engine answers and takes writes now, by asking it. For health pages.
    async fn ready(&self) -> Result<(), StoreError>;
}
