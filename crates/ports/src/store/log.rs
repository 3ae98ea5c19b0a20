use async_trait::async_trait;
use petit_domain::{
    ChangeKind, ChatId, ClientId, Edition, Head, Message, MessageId, MessageKind, MessagePlace, Parts,
    Reactions, Timestamp, UserId,
};
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
    /// What it carries beside the text.
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub parts: Parts,
    /// Where the message was that it forwards: no part of what is told to anybody, and so beside [`NewMessage::parts`].
    /// Readers have it in the parts; a writer's answer may come without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<MessagePlace>,
    /// The sender's own name for it: with the author and the chat it makes a repeat harmless.
    pub client_id: ClientId,
    /// Number of the message it answers.
    pub reply_to: Option<i64>,
    /// Whom it is about.
    pub subject: Option<UserId>,
    /// When it reached us. The store moves it forward where that is needed to rise with `seq`, but not by more than
    /// [`OFF_S`].
    pub at: Timestamp,
    /// Random bits of its id.
    pub random: u64,
    /// A change that is numbered in the same step, so that neither is ever seen without the other.
    pub change: Option<Effect>,
    /// The chat's newest change that its writer knows of: it is written only if none came after that.
    #[serde(default)]
    pub if_cseq: Option<i64>,
    /// The newest change of the chat's settings ([`ChangeKind::ChatChanged`]) that its writer knows of, −1 for none: it is
    /// written only if none came after that. What a version that does not know settings wrote may hide one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_settings: Option<i64>,
    /// Whether its author has read up to it: not what the timeline says by itself, nor what is sent for somebody who
    /// may be away.
    #[serde(default = "is_so")]
    pub marks_read: bool,
}

/// How far a clock may be off, in seconds, before nobody waits for its times: more than the hour that is easily lost or won.
pub const OFF_S: i64 = 5_400;

const fn is_so() -> bool {
    true
}

impl NewMessage {
    /// A text that somebody writes, which answers nothing and changes nothing else.
    pub fn text(author: UserId, client_id: ClientId, text: String, at: Timestamp, random: u64) -> Self {
        Self {
            author,
            kind: MessageKind::Text,
            text,
            parts: Parts::default(),
            place: None,
            client_id,
            reply_to: None,
            subject: None,
            at,
            random,
            change: None,
            if_cseq: None,
            if_settings: None,
            marks_read: true,
        }
    }

    /// When it is said to have been written: later than the message before it, unless that was dated by a clock that was
    /// far ahead. Such a one holds up nobody who comes after it.
    fn dated_after(&self, last_at: Timestamp) -> Timestamp {
        if last_at > self.at.plus_seconds(OFF_S) {
            return self.at;
        }
        self.at.max(Timestamp::from_micros(last_at.micros() + 1))
    }

    /// The message as it comes after this head, up to which so many messages counted.
    pub fn numbered(&self, chat: ChatId, head: Head, counted: i64, last_at: Timestamp) -> Message {
        let created_at = self.dated_after(last_at);
        let mut parts = self.parts.clone();
        parts.keep_place(self.place);
        Message {
            id: MessageId::mint(created_at, self.random),
            chat,
            seq: head.seq + 1,
            cseq: head.cseq + i64::from(self.change.is_some()),
            author: self.author,
            kind: self.kind,
            text: self.text.clone(),
            client_id: self.client_id.clone(),
            created_at,
            edited_at: None,
            deleted: false,
            counted: Some(counted + i64::from(self.kind.counts())),
            is_cut: false,
            pinned: false,
            reactions: Reactions::default(),
            reply_to: self.reply_to,
            subject: self.subject,
            parts,
        }
    }
}

/// A change before it has a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What it is.
    pub kind: ChangeKind,
    /// What it makes, as JSON, for changes that nothing else tells of.
    #[serde(default)]
    pub body: Option<String>,
}

impl From<ChangeKind> for Effect {
    fn from(kind: ChangeKind) -> Self {
        Self { kind, body: None }
    }
}

/// A change that has no number yet and comes without a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChange {
    /// What it is.
    pub effect: Effect,
    /// Who did it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
    /// The chat's newest change that its maker knows of: it is numbered only if none came after that.
    #[serde(default)]
    pub if_cseq: Option<i64>,
}

/// A numbered change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Its number: 0, 1, 2 … without gaps.
    pub cseq: i64,
    /// What it is.
    pub kind: ChangeKind,
    /// Who did it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
    /// What it makes, as JSON, if it came with that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Revision {
    /// Other content. The old text is kept in the message's history.
    Edit {
        /// The text from now on.
        text: String,
        /// What it carries from now on beside the text.
        #[serde(default, skip_serializing_if = "Parts::is_empty")]
        parts: Parts,
    },
    /// No content and no history; the number stays taken.
    Delete,
    /// It shows its reactions as their set has them, when the change is numbered. That is no edit: the time of the last edit
    /// stays, and so does its history.
    Reactions,
    /// It says whether it is pinned as the chat's pins have it, when the change is numbered. That is no edit either.
    Pin,
}

/// What others made of a message, as its sets have it now.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    /// The summary of its reactions ([`super::ReactionStore`]).
    pub reactions: Reactions,
    /// Whether it is among the pins of its chat ([`super::PinStore`]).
    pub pinned: bool,
}

/// Parts after an edit: where the message was that it forwards stays as it is.
fn kept(parts: &Parts, before: &Message) -> Parts {
    let mut parts = parts.clone();
    parts.keep_place(before.parts.place());
    parts
}

impl Revision {
    /// The kind of change it is.
    pub const fn of(&self, seq: i64) -> ChangeKind {
        match self {
            Self::Edit { .. } => ChangeKind::MessageEdited(seq),
            Self::Delete => ChangeKind::MessageDeleted(seq),
            Self::Reactions => ChangeKind::MessageChanged(seq),
            Self::Pin => ChangeKind::MessagePinned(seq),
        }
    }

    /// What is to be done with a message for whose version `if_cseq` it was wished: the message as it is afterwards, still
    /// without the change's number, or the answer if nothing is to be written. Its time is never before what it was. `sets`
    /// are as they are now, as far as the revision takes something from them.
    ///
    /// # Errors
    /// The answer, if nothing is to be written.
    #[expect(
        clippy::result_large_err,
        reason = "both sides carry a message, and one is always taken apart at once"
    )]
    pub fn applied(
        &self,
        before: &Message,
        sets: &Sets,
        if_cseq: Option<i64>,
        at: Timestamp,
    ) -> Result<Message, Written> {
        let now = match self {
            Self::Edit { .. } | Self::Reactions | Self::Pin if before.deleted => {
                return Err(Written::Refused(Why::Deleted));
            }
            Self::Reactions if sets.reactions == before.reactions => None,
            Self::Reactions => Some(Message { reactions: sets.reactions.clone(), ..before.clone() }),
            Self::Pin if sets.pinned == before.pinned => None,
            Self::Pin => Some(Message { pinned: sets.pinned, ..before.clone() }),
            Self::Edit { text, parts } if *text == before.text && kept(parts, before) == before.parts => None,
            Self::Edit { text, parts } => Some(Message {
                text: text.clone(),
                parts: kept(parts, before),
                edited_at: Some(at.max(before.edited_at.unwrap_or(before.created_at))),
                ..before.clone()
            }),
            Self::Delete if before.deleted => None,
            Self::Delete => Some(Message {
                text: String::new(),
                parts: Parts::default(),
                reactions: Reactions::default(),
                pinned: false,
                deleted: true,
                ..before.clone()
            }),
        };
        match now {
            None => Err(Written::AlreadySo(before.clone())),
            Some(_) if if_cseq.is_some_and(|seen| seen != before.cseq) => {
                Err(Written::Refused(Why::Overtaken))
            }
            Some(now) => Ok(now),
        }
    }
}

/// What is wished of a log. It says all that makes repeating it, and doing it late, harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// A new message.
    Append(NewMessage),
    /// Something else of a message.
    Revise {
        /// Its number.
        seq: i64,
        /// The version ([`Message::cseq`]) that whoever wishes it has seen: no other one is revised. `None`: any.
        if_cseq: Option<i64>,
        /// What becomes of it.
        revision: Revision,
        /// Who wishes it.
        actor: UserId,
        /// When.
        at: Timestamp,
    },
    /// A change without a message.
    Note(NewChange),
}

impl Wish {
    /// The message that it changes.
    pub const fn target(&self) -> Option<i64> {
        match self {
            Self::Revise { seq, .. } => Some(*seq),
            Self::Append(_) | Self::Note(_) => None,
        }
    }
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Written {
    /// The message has a number and is durable.
    New(Message),
    /// This author sent this client id to this chat before; here is that message as it is now. Nothing was written.
    Repeated(Message),
    /// The message was revised; the change is numbered (`Message::cseq`) and durable.
    Revised(Message),
    /// The message was so already; here it is. Nothing was written.
    AlreadySo(Message),
    /// The change has a number and is durable.
    Noted(ChangeRecord),
    /// Nothing was written.
    Refused(Why),
}

/// Why a log did not do what was wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// There is no such chat.
    NoSuchChat,
    /// `reply_to` names no message of the chat.
    NoSuchReply,
    /// No message has this number.
    NoSuchMessage,
    /// The message was deleted before.
    Deleted,
    /// Something came after what `if_cseq` or `if_settings` says was seen. Look again, and decide again.
    Overtaken,
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

/// Writes messages and changes of every chat, numbered without gaps.
///
/// - An appended message gets the chat's next number; its author's read marker moves to it, unless it says that it does
///   not (the marker of who sends several messages in a second may reach other processes a quarter of a second late),
///   and so does the chat's last activity. `created_at` and `id` strictly rise with `seq`, but for one step back where a clock
///   that was ahead by more than [`OFF_S`] was put right: numbers say the order, times never do. The same client id again is `Repeated`, whatever else is
///   wished.
/// - A message is counted ([`Message::counted`]) where it is numbered, and keeps that number whatever becomes of it.
/// - A revised message gets the number of the change as its version. To revise it to what it is, is `AlreadySo`; to
///   edit a deleted one is refused.
/// - To revise a message's reactions takes them from their set ([`super::ReactionStore`]): whoever wishes it says nothing
///   of them, so it may be repeated, come late, and be done by several at once. Of a deleted message it is refused.
/// - To revise whether a message is pinned takes that from the pins of its chat ([`super::PinStore`]), in the same way.
/// - A message that says `if_settings` is `Overtaken` if the chat's settings were changed after that, by whichever process.
/// - A noted change gets the chat's next change number. Repeating it numbers it again, unless it says `if_cseq`.
#[async_trait]
pub trait LogWriter: Send + Sync {
    /// Who is told about everything that becomes durable from now on. Set once, at start.
    fn observe(&self, observer: std::sync::Arc<dyn CommitObserver>);

    /// Does what is wished, whole or not at all. An answer means that it is durable, or that nothing was written.
    async fn write(&self, chat: ChatId, wish: Wish) -> Result<Written, StoreError>;
}

/// Reads messages and changes of every chat. Whoever was answered by [`LogWriter::write`] reads what was written.
#[async_trait]
pub trait LogReader: Send + Sync {
    /// The chat's newest numbers; `None` if there is no such chat.
    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError>;

    /// One message as it is now.
    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError>;

    /// Those of `seqs` that exist, as they are now, by rising number, each once.
    async fn get_many(&self, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError>;

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
