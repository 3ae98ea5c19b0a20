//! The store: people, sessions, chats, members, the log, reactions, pins, read markers and what must be finished.
//!
//! Written for the weaker engine: every method touches rows that one partition key finds, is one
//! intention the engine makes atomic in its own way, and may be repeated without harm. Nothing here
//! is a transaction, a join or a search by content.

mod accounts;
mod chats;
mod choices;
mod followers;
mod generation;
mod idempotency;
mod intents;
mod log;
mod members;
mod mentions;
mod people;
mod pins;
mod reactions;
mod read_markers;
mod receipts;
mod rulings;
mod saved;
mod scheduled;
mod sessions;
mod settings;
mod timers;
mod turns;

use std::sync::Arc;

pub use accounts::{Account, AccountCreated, AccountStore, Invitation, Redeemed};
pub use chats::{ChatPosition, ChatStore, ChatView, OpenPosition, active_at};
pub use choices::ChoiceStore;
pub use followers::{CHAT_SHARDS, FollowerLease, FollowerStore, chat_shard};
pub use generation::Generation;
pub use idempotency::{Claim, IdempotencyStore};
pub use intents::{Intent, IntentStore};
pub use log::{
    ChangeRecord, Commit, CommitEntry, CommitObserver, Effect, LogReader, LogWriter, NewChange, NewMessage,
    OFF_S, PageAt, Revision, Sets, Why, Wish, Written,
};
pub use members::MemberStore;
pub use mentions::{COUNTED_MENTIONS, Mention, MentionStore, MentionedBy};
pub use people::{PeopleStore, PersonCreated, PersonPosition};
pub use petit_domain::ChangeKind;
pub use pins::{Pin, PinStore, Pinned};
pub use reactions::{Reacted, ReactionRecord, ReactionStore};
pub use read_markers::{Above, Marked, ReadMarkerStore, Unread};
pub use receipts::{Reached, ReceiptStore, STEPS_KEPT, STEPS_KEPT_S};
pub use rulings::Ruling;
pub use saved::{Saved, SavedStore, Saving};
pub use scheduled::{Scheduled, ScheduledPosition, ScheduledState, ScheduledStore};
pub use sessions::SessionStore;
pub use settings::SettingStore;
pub use timers::{Lease, SHARDS, Shard, Timer, TimerPosition, TimerStore};
pub use turns::{LastTurn, Turn, TurnStore};

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine cannot be reached or does not answer in time. Whether a write happened is unknown;
    /// repeating it is harmless.
    #[error("the store is unavailable")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The engine takes no writes now (its disk is full). Reads go on.
    #[error("the store is read-only: its disk is full")]
    ReadOnly,
    /// What is stored contradicts itself. A person has to look.
    #[error("the store is inconsistent: {0}")]
    Inconsistent(String),
}

/// Whether a write changed anything. "Already so" is not an error: it is what a repeat gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not so before.
    Done,
    /// It was so already; nothing was written.
    AlreadySo,
}

/// All store ports of one engine.
#[derive(Clone)]
pub struct Store {
    /// Accounts and invitations of the built-in identity provider.
    pub accounts: Arc<dyn AccountStore>,
    /// Chats and each person's list of them.
    pub chats: Arc<dyn ChatStore>,
    /// What people chose about chats for themselves.
    pub choices: Arc<dyn ChoiceStore>,
    /// Positions of followers of the log.
    pub followers: Arc<dyn FollowerStore>,
    /// Which history all of it belongs to, as it was when the store was opened.
    pub generation: Generation,
    /// What requests with an idempotency key made.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Work that must be finished even if the process dies.
    pub intents: Arc<dyn IntentStore>,
    /// Messages and changes of every chat, to read.
    pub log: Arc<dyn LogReader>,
    /// Messages and changes of every chat, to write.
    pub log_writer: Arc<dyn LogWriter>,
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Who is mentioned where.
    pub mentions: Arc<dyn MentionStore>,
    /// People.
    pub people: Arc<dyn PeopleStore>,
    /// What is pinned in which chat.
    pub pins: Arc<dyn PinStore>,
    /// Who reacted to what.
    pub reactions: Arc<dyn ReactionStore>,
    /// How far everybody has read.
    pub read_markers: Arc<dyn ReadMarkerStore>,
    /// What people saved for themselves.
    pub saved: Arc<dyn SavedStore>,
    /// How far people say that they have messages.
    pub receipts: Arc<dyn ReceiptStore>,
    /// Messages that are to be sent later.
    pub scheduled: Arc<dyn ScheduledStore>,
    /// Signed-in devices and tokens.
    pub sessions: Arc<dyn SessionStore>,
    /// What people set for themselves.
    pub settings: Arc<dyn SettingStore>,
    /// What is to happen at a time.
    pub timers: Arc<dyn TimerStore>,
    /// Turns to write in chats with slow mode.
    pub turns: Arc<dyn TurnStore>,
}
