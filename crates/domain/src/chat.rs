use serde::{Deserialize, Serialize};

use crate::{
    ChatDescription, ChatId, ChatName, ChatSettings, ChatTopic, Choices, Message, Person, Posting,
    SettingsRecord, SlowMode, Timestamp, UserId, named::named,
};

named! {
    /// What kind of conversation a chat is.
    ChatKind, "kind_" {
        /// Two people (or one, with themselves). One chat for each pair, for ever.
        Direct = 0 "direct",
        /// People who were added. Invisible to everybody else.
        Group = 1 "group",
        /// Anybody on the server may find and join it.
        Open = 2 "open",
    }
}

/// The newest numbers of a chat's log. Both start at −1, which means "none yet".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Head {
    /// Number of the newest message.
    pub seq: i64,
    /// Number of the newest other change (edit, deletion, membership, name, settings).
    pub cseq: i64,
}

impl Head {
    /// A chat in which nothing has happened.
    pub const EMPTY: Self = Self { seq: -1, cseq: -1 };
}

/// A chat as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// Stable for ever.
    pub id: ChatId,
    /// Direct, group or open.
    pub kind: ChatKind,
    /// `None` for direct chats.
    pub name: Option<ChatName>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// The newest numbers of its log.
    pub head: Head,
    /// When its newest message was written; when it was made, as long as there is none.
    pub last_message_at: Timestamp,
    /// How many people are in it now.
    pub member_count: i64,
    /// What it is set to beside its name.
    pub settings: SettingsRecord,
}

/// A chat as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Chat {
    /// Stable for ever.
    pub id: ChatId,
    /// Direct, group or open.
    pub kind: ChatKind,
    /// `null` for direct chats, which are called by the other person's name.
    #[schema(required)]
    pub name: Option<ChatName>,
    /// The other person of a direct chat (oneself in a chat with oneself); `null` otherwise.
    #[schema(required)]
    pub peer: Option<Person>,
    /// The caller's role; `null` when the caller may see the chat but is not in it (open chats).
    #[schema(required)]
    pub role: Option<MemberRole>,
    /// How many people are in it.
    pub member_count: i64,
    /// Number of the newest message, −1 when there is none.
    pub head_seq: i64,
    /// Number of the newest other change, −1 when there is none.
    pub head_cseq: i64,
    /// Number of the newest message the caller has read, −1 when none.
    pub read_seq: i64,
    /// How many messages after it (or from `me.unread_from` on) somebody wrote and nobody deleted. Lines of the timeline's own do not count.
    pub unread: i64,
    /// How many of them mention the caller, as far as is known: a mention may be counted a moment after its message.
    #[serde(default)]
    #[schema(required)]
    pub mentions: i64,
    /// When the chat was made.
    pub created_at: Timestamp,
    /// When the newest message was written; when the chat was made, as long as there is none, or if that time is still to
    /// come because a clock was wrong.
    pub last_message_at: Timestamp,
    /// The newest message; `null` when there is none. Of its text only the first 200 characters, and `is_cut` if there
    /// are more: it stands for a preview, never for the message.
    #[schema(required)]
    pub last_message: Option<Message>,
    /// What it is about: at most 250 characters on one line; `null` where nothing is said.
    #[serde(default)]
    #[schema(required)]
    pub topic: Option<ChatTopic>,
    /// What it is for, in at most 2,000 characters; `null` where that is not said.
    #[serde(default)]
    #[schema(required)]
    pub description: Option<ChatDescription>,
    /// Whether it is archived: kept to be read, out of everybody's list, and nothing is written in it.
    #[serde(default)]
    #[schema(required)]
    pub archived: bool,
    /// Who may write in it, and pin.
    #[serde(default)]
    #[schema(required)]
    pub posting: Posting,
    /// Slow mode: how many seconds lie between two messages of one person. Not for admins and owners. 0
    /// where it is off.
    #[serde(default)]
    #[schema(required)]
    pub slow_s: SlowMode,
    /// What the caller chose about it for themselves; left out as long as they chose nothing. Where `me` says
    /// `unread_from`, unread counts from that message on.
    #[serde(default, skip_serializing_if = "Choices::is_untouched")]
    #[schema(required = false)]
    pub me: Choices,
}

impl Chat {
    /// The same chat, set to this.
    #[must_use]
    pub fn set_to(self, settings: ChatSettings) -> Self {
        let ChatSettings { topic, description, archived, posting, slow_s } = settings;
        Self { topic, description, archived, posting, slow_s, ..self }
    }
}

named! {
    /// What a member may do in a chat. Ordered: later ones may do all that earlier ones may. One that is not
    /// known here may do what a member may.
    MemberRole, "role_" {
        /// Reads, writes, adds people, leaves.
        Member = 0 "member",
        /// Also renames the chat, removes members and deletes messages of others.
        Admin = 1 "admin",
        /// Also gives and takes roles.
        Owner = 2 "owner",
    }
}

/// A membership as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// The chat.
    pub chat: ChatId,
    /// Who is in it.
    pub user: UserId,
    /// What they may do.
    pub role: MemberRole,
    /// The chat's newest message when they (last) joined, −1 when there was none.
    pub joined_seq: i64,
    /// When they (last) joined.
    pub joined_at: Timestamp,
}

/// A member of a chat as clients see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Member {
    /// Who it is.
    pub person: Person,
    /// What they may do in this chat.
    pub role: MemberRole,
    /// When they joined.
    pub joined_at: Timestamp,
}
