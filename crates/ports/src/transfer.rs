//! What is carried when a whole installation moves from one engine to another. The old engine gives it
//! out, the new one takes it through the ordinary ports, which may all be repeated; only the log needs a
//! way of its own, because its numbers, ids and times must stay as they are.

use petit_domain::{
    ChatId, ChatRecord, Choices, ExternalId, MemberRecord, Person, Reactions, Session, Settings, UserId,
};

use crate::{Account, Intent, Invitation, Reached, ReactionRecord, Saved, Scheduled, Timer};

/// Everything of an installation that is in no chat.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// People.
    pub people: Vec<Person>,
    /// Providers' names for them.
    pub links: Vec<(ExternalId, UserId)>,
    /// Accounts of the built-in provider.
    pub accounts: Vec<Account>,
    /// Invitations, used or not.
    pub invitations: Vec<Invitation>,
    /// Sessions, ended or not.
    pub sessions: Vec<Session>,
    /// Each pair's direct chat.
    pub pairs: Vec<(UserId, UserId, ChatId)>,
    /// Work that was begun and not finished.
    pub intents: Vec<Intent>,
    /// Messages that are to be sent later, and those that were lately.
    pub scheduled: Vec<Scheduled>,
    /// What people chose about chats for themselves.
    pub choices: Vec<(UserId, ChatId, Choices)>,
    /// What people saved for themselves.
    pub saved: Vec<(UserId, Saved)>,
    /// What people set for themselves.
    pub settings: Vec<(UserId, Settings)>,
    /// What is to happen at a time.
    pub timers: Vec<Timer>,
    /// Every chat, by rising id.
    pub chats: Vec<ChatId>,
}

/// A chat without its log.
#[derive(Clone, Debug)]
pub struct ChatFrame {
    /// The chat, with the head its log has.
    pub record: ChatRecord,
    /// The newest change that is in members and name.
    pub applied: i64,
    /// Who is in it.
    pub members: Vec<MemberRecord>,
    /// How far people have read, members or not.
    pub read_markers: Vec<(UserId, i64)>,
    /// How far people said that they have its messages, members or not.
    pub receipts: Vec<(UserId, Reached)>,
}

/// Who reacted to a message, with the summary that has the order of first use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionSet {
    /// Which message.
    pub seq: i64,
    /// The set.
    pub records: Vec<ReactionRecord>,
    /// Its summary.
    pub summary: Reactions,
}

/// An earlier text of a message, with its place among the chat's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldText {
    /// Which message.
    pub seq: i64,
    /// The change that replaced it.
    pub cseq: i64,
    /// The text as it was.
    pub text: String,
    /// When it was replaced.
    pub replaced_at: petit_domain::Timestamp,
}
