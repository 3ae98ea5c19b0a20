use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Chat, ChatId, ChatSettings, Choices, Envelope, Member, Message, Person, Receipt, SessionId, Settings,
    Timestamp, UserId,
};

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
/// makes it arrive early. Clients apply one only if its `seq` or `cseq` is new to them; which of the two
/// counts is said by `n` in its JSON, where its [`Envelope`] stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A message was written. `seq` is new.
    MessageCreated { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// A message was edited. `cseq` is new.
    MessageEdited { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// A message was deleted and is now a stub. `cseq` is new.
    MessageDeleted { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// Something else of a message changed: what others made of it, such as its reactions. `cseq` is new.
    MessageChanged { chat: ChatId, seq: i64, cseq: i64, message: Message },
    /// Somebody is in the chat who was not, or their role changed. `cseq` is new.
    MemberChanged { chat: ChatId, seq: i64, cseq: i64, member: Member, member_count: i64 },
    /// Somebody is no longer in the chat. `cseq` is new. Whoever it names gets nothing more of this chat.
    MemberRemoved { chat: ChatId, seq: i64, cseq: i64, user: UserId, member_count: i64 },
    /// The name of the chat changed. `cseq` is new.
    ChatRenamed { chat: ChatId, seq: i64, cseq: i64, name: String },
    /// The chat is set to something else: all of its settings as they are now. `cseq`
    /// is new.
    ChatChanged { chat: ChatId, seq: i64, cseq: i64, settings: ChatSettings },
    /// Something of the chat changed that this version of the server has no event for. `cseq` is new;
    /// there is nothing else to do.
    UnknownChange { chat: ChatId, seq: i64, cseq: i64 },
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
        /// [`Message::counted`] of the chat's newest message, as of `unread`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(required = false, nullable = false)]
        counted: Option<i64>,
    },
    /// What the person chose about the chat for themselves changed, here or on another device, with what is unread then.
    /// Sent to them alone.
    ChoicesChanged {
        chat: ChatId,
        me: Choices,
        /// Where their read marker stands.
        read_seq: i64,
        unread: i64,
        mentions: i64,
        /// [`Message::counted`] of the chat's newest message, as of `unread`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(required = false, nullable = false)]
        counted: Option<i64>,
    },
    /// The person reacted to this message or took that back, here or on another device: the message as the answer has
    /// it, with what is theirs. Its reactions may be newer than its version. Sent to them alone.
    Reacted { chat: ChatId, message: Message },
    /// The person's own profile, or that of somebody they share a chat with, changed.
    PersonUpdated { person: Person },
    /// What the person is to send later changed: their list is to be fetched. Sent to them alone.
    ScheduledChanged,
    /// What the person set for themselves changed, here or on another device. Sent to them alone.
    SettingsChanged { settings: Settings },
    /// The person saved this message for themselves or took it out, here or on another device, at this time. Sent to them
    /// alone.
    SavedChanged { chat: ChatId, seq: i64, saved: bool, at: Timestamp },
    /// How far some of the members have the chat's messages now. Of two copies the higher number counts. May be dropped.
    Receipts { chat: ChatId, receipts: Vec<Receipt> },
    /// Somebody is writing. Forget it after six seconds. May be dropped.
    Typing { chat: ChatId, user: UserId },
    /// Somebody came, went or fell idle. Sent for watched people. May be dropped.
    PresenceChanged { user: UserId, presence: Presence, since: Timestamp },
    /// A session ended: its connections close. Not sent to clients.
    SessionRevoked { user: UserId, session: SessionId },
}

impl Event {
    /// The envelope it travels in: everything that is asked of it on its way.
    pub fn envelope(&self) -> Envelope {
        match self {
            Self::MessageCreated { chat, seq, cseq, .. } => Envelope::message(*chat, *seq, *cseq),
            Self::MessageEdited { chat, seq, cseq, .. }
            | Self::MessageDeleted { chat, seq, cseq, .. }
            | Self::MessageChanged { chat, seq, cseq, .. }
            | Self::MemberChanged { chat, seq, cseq, .. }
            | Self::ChatRenamed { chat, seq, cseq, .. }
            | Self::ChatChanged { chat, seq, cseq, .. }
            | Self::UnknownChange { chat, seq, cseq } => Envelope::change(*chat, *seq, *cseq),
            Self::MemberRemoved { chat, seq, cseq, user, .. } => {
                Envelope::change(*chat, *seq, *cseq).but_for(*user).taking_access()
            }
            Self::ChatAdded { chat, seq, cseq, .. } => Envelope::own(Some(*chat)).giving_access(*seq, *cseq),
            Self::ReadMarkerMoved { chat, .. }
            | Self::ChoicesChanged { chat, .. }
            | Self::Reacted { chat, .. }
            | Self::SavedChanged { chat, .. } => Envelope::own(Some(*chat)),
            Self::ScheduledChanged
            | Self::SettingsChanged { .. }
            | Self::PersonUpdated { .. }
            | Self::SessionRevoked { .. } => Envelope::own(None),
            Self::Typing { chat, user } => Envelope::hint(Some(*chat)).but_for(*user),
            Self::Receipts { chat, .. } => Envelope::hint(Some(*chat)),
            Self::PresenceChanged { .. } => Envelope::hint(None),
        }
    }

    /// The message it carries, if any.
    pub const fn message_mut(&mut self) -> Option<&mut Message> {
        match self {
            Self::MessageCreated { message, .. }
            | Self::MessageEdited { message, .. }
            | Self::MessageDeleted { message, .. }
            | Self::MessageChanged { message, .. }
            | Self::Reacted { message, .. } => Some(message),
            _ => None,
        }
    }

    /// The chat it is about, if any.
    pub fn chat(&self) -> Option<ChatId> {
        self.envelope().chat
    }
}

/// An event beside the facts of its envelope, as one JSON object.
#[derive(Serialize)]
struct Sent<'a> {
    #[serde(flatten)]
    body: Body<'a>,
    #[serde(flatten)]
    envelope: Envelope,
}

struct Body<'a>(&'a Event);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Event::serialize(self.0, serializer)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sent { body: Body(self), envelope: self.envelope() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}
