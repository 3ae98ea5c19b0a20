//! Ids, values, entities and events of Petit chat: no I/O, no async, no engine.

mod change;
mod chat;
mod chat_settings;
mod choices;
mod content;
mod envelope;
mod event;
mod forward;
mod fresh;
mod id;
mod mention;
mod message;
mod named;
mod page;
mod person;
mod reactions;
mod receipts;
mod session;
mod settings;
mod time;
mod value;

pub use change::{About, ChangeKind};
pub use chat::{Chat, ChatKind, ChatRecord, Head, Member, MemberRecord, MemberRole};
pub use chat_settings::{ChatSettings, Posting, Rules, SettingsChange, SettingsRecord};
pub use choices::{CalledUnread, Choice, Choices, NotifyLevel};
pub use content::{Parts, pack, unpack};
pub use envelope::{Access, Counter, Envelope, Number, Weight};
pub use event::{Event, Presence};
pub use forward::{Forwarded, MessagePlace};
pub use fresh::{Fresh, fresh};
pub use id::{ChatId, IntentId, MessageId, ScheduledId, SessionId, TimerId, UserId};
pub use mention::{EVERYBODY, MOST_NAMED, Mentioned, names_in};
pub use message::{Edition, MOST_PINS, MOST_SAVED, Message, MessageKind, PREVIEW};
pub use named::{KindName, Named, known};
pub use page::{Page, PageLimit};
pub use person::{ExternalId, Person, ServerRole};
pub use reactions::{Chosen, Emoji, MOST_KINDS, Reaction, Reactions, SAMPLE};
pub use receipts::{Acked, Receipt, ReceiptState};
pub use session::{Session, SessionKind, TokenHash};
pub use settings::{HoldSeconds, LONGEST_HOLD_S, Setting, Settings, UndoSeconds};
pub use time::Timestamp;
pub use value::{
    ChatDescription, ChatName, ChatTopic, ClientId, DisplayName, Invalid, MessageText, SectionName, SlowMode,
    Username, fold,
};
