use serde::{Deserialize, Serialize};

use crate::{Chat, ChatId, Member, Message, Person, SessionId, Timestamp, UserId};

/// Whether somebody is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one connection with somebody in front of it.
    Online,
    /// Connected, but nobody has touched it for a while.
    Away,
    /// Not connected.
    Offline,
}

/// Something that is pushed to clients. Never stored as such: the log is the truth, an event only
/// makes it arrive early. Clients apply one only if its `seq` or `cseq` is new to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A message was written. `seq` is new.
    MessageCreated { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// A message was edited. `cseq` is new.
    MessageEdited { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// A message was deleted and is now a stub. `cseq` is new.
    MessageDeleted { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// Somebody is in the chat who was not, or their role changed. `cseq` is new.
    MemberChanged { chat: ChatId, seq: i64, cseq: i64, member: Member, member_count: i64 },
    /// Somebody is no longer in the chat. `cseq` is new. Whoever it names gets nothing more of this chat.
    MemberRemoved { chat: ChatId, seq: i64, cseq: i64, user: UserId, member_count: i64 },
    /// The name of the chat changed. `cseq` is new.
    ChatRenamed { chat: ChatId, seq: i64, cseq: i64, name: String },
    /// The person is now in this chat. Sent to them alone, before anything else of the chat.
    ChatAdded { chat: ChatId, seq: i64, cseq: i64, details: Box<Chat> },
    /// The person has read up to `seq`, here or on another device. Sent to them alone.
    ReadMarkerMoved {
        chat: ChatId,
        seq: i64,
        unread: i64,
        #[serde(default)]
        #[schema(required)]
        mentions: i64,
    },
    /// The person's own profile, or that of somebody they share a chat with, changed.
    PersonUpdated { person: Person },
    /// Somebody is writing. Forget it after six seconds. May be dropped.
    Typing { chat: ChatId, user: UserId },
    /// Somebody came, went or fell idle. Sent for watched people. May be dropped.
    PresenceChanged { user: UserId, presence: Presence, since: Timestamp },
    /// A session ended: its connections close. Not sent to clients.
    SessionRevoked { user: UserId, session: SessionId },
}

impl Event {
    /// Whether a busy connection may skip it: nothing is lost but a hint.
    pub const fn is_droppable(&self) -> bool {
        matches!(self, Self::Typing { .. } | Self::PresenceChanged { .. })
    }

    /// The chat it is about, if any.
    pub const fn chat(&self) -> Option<ChatId> {
        match self {
            Self::MessageCreated { chat, .. }
            | Self::MessageEdited { chat, .. }
            | Self::MessageDeleted { chat, .. }
            | Self::MemberChanged { chat, .. }
            | Self::MemberRemoved { chat, .. }
            | Self::ChatRenamed { chat, .. }
            | Self::ChatAdded { chat, .. }
            | Self::ReadMarkerMoved { chat, .. }
            | Self::Typing { chat, .. } => Some(*chat),
            Self::PersonUpdated { .. } | Self::PresenceChanged { .. } | Self::SessionRevoked { .. } => None,
        }
    }
}
