use petit_domain::{
    ChatDescription, ChatKind, ChatName, ChatTopic, ClientId, DisplayName, Emoji, Event, Fresh, HoldSeconds,
    Invalid, MemberRole, Message, MessagePlace, MessageText, NotifyLevel, Posting, Presence, Receipt,
    ReceiptState, SectionName, ServerRole, SessionId, SessionKind, SlowMode, Timestamp, UndoSeconds, UserId,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Body of `PATCH /v1/me`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProfile {
    /// The new display name.
    #[schema(value_type = String)]
    #[serde(deserialize_with = "petit_domain::fresh")]
    pub name: DisplayName,
}

/// Body of `POST /v1/chats`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateChat {
    /// What kind of chat.
    #[serde(deserialize_with = "petit_domain::known")]
    pub kind: ChatKind,
    /// Needed for groups and open chats, refused for direct ones.
    #[serde(default, deserialize_with = "petit_domain::fresh")]
    pub name: Option<ChatName>,
    /// Who is in it beside the caller, who may be named too: exactly one for a direct chat (the
    /// caller alone for a chat with oneself), at most 100 otherwise.
    #[serde(default)]
    pub members: Vec<UserId>,
}

/// Body of `PATCH /v1/chats/{chat}`. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateChat {
    /// The new name.
    #[serde(default, deserialize_with = "new_name", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub name: Option<ChatName>,
    /// What it is about: at most 250 characters on one line. `null` or nothing but space for none.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub topic: Option<Option<ChatTopic>>,
    /// What it is for: at most 2,000 characters on several lines. `null` or nothing but space for none.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<ChatDescription>>,
    /// Whether it is archived: kept to be read, out of everybody's list. Nobody writes, edits, reacts or pins then.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub archived: Option<bool>,
    /// Who may write, and pin.
    #[serde(default, deserialize_with = "known_posting", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub posting: Option<Posting>,
    /// Slow mode: how many seconds lie between two messages of one person, 0 to 21,600; 0 for none. Not for admins and
    /// owners.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, nullable = false, minimum = 0, maximum = 21_600)]
    pub slow_s: Option<SlowMode>,
}

fn new_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ChatName>, D::Error> {
    petit_domain::fresh(deserializer).map(Some)
}

fn known_posting<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Posting>, D::Error> {
    petit_domain::known(deserializer).map(Some)
}

/// A text that may be taken away.
fn text<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Fresh + TryFrom<String, Error = Invalid>,
{
    let Some(text) = Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty())
    else {
        return Ok(Some(None));
    };
    let refused = |invalid: Invalid| D::Error::custom(format_args!("{}: {invalid}", invalid.code));
    let value = T::try_from(text).map_err(refused)?;
    value.check().map_err(refused)?;
    Ok(Some(Some(value)))
}

/// Body of `POST /v1/chats/{chat}/members`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// Whom to add; oneself to join an open chat.
    pub user: UserId,
}

/// Body of `PATCH /v1/chats/{chat}/members/{user}`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// What they may do from now on.
    #[serde(deserialize_with = "petit_domain::known")]
    pub role: MemberRole,
}

/// Body of `POST /v1/chats/{chat}/messages`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// Markdown, at most 16 KiB. May be left out where a message is forwarded.
    #[serde(default, deserialize_with = "fresh_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub text: Option<MessageText>,
    /// Made by the sender; the same one again answers the first message.
    pub client_id: ClientId,
    /// Number of the message this one answers.
    #[serde(default)]
    pub reply_to: Option<i64>,
    /// To hold it for so many seconds, in which it can be taken back: 1 to 30. Left out, it is sent now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_s: Option<HoldSeconds>,
    /// A message to forward, which the sender may see: a copy of it goes with this one. Not together with `hold_s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub forward: Option<MessagePlace>,
}

impl SendMessage {
    /// A text that is sent now.
    pub const fn text(text: MessageText, client_id: ClientId, reply_to: Option<i64>) -> Self {
        Self { text: Some(text), client_id, reply_to, hold_s: None, forward: None }
    }
}

fn fresh_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MessageText>, D::Error> {
    petit_domain::fresh(deserializer).map(Some)
}

/// Body of `PATCH /v1/me/settings`. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// For how many seconds clients hold what the person sends: 0 to 30.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub undo_s: Option<UndoSeconds>,
    /// Whether others are told what the person saw and read, and the person what others did.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub receipts: Option<bool>,
}

/// Body of `PATCH /v1/chats/{chat}/messages/{seq}`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The new text.
    #[serde(deserialize_with = "petit_domain::fresh")]
    pub text: MessageText,
}

/// Body of `PUT /v1/chats/{chat}/read-marker`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// Number of the newest message that was read; numbers past the newest count as the newest.
    pub seq: i64,
}

/// Body of `PATCH /v1/chats/{chat}/me`. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateChoices {
    /// What to be told of.
    #[serde(default, deserialize_with = "known_level", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub level: Option<NotifyLevel>,
    /// Until when to be told of nothing; `null` for no longer.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Timestamp>)]
    pub muted_until: Option<Option<Timestamp>>,
    /// Whether it is one of the favourites.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub favourite: Option<bool>,
    /// The section to keep it in, 1 to 64 characters on one line; `null` for none.
    #[serde(default, deserialize_with = "section", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub section: Option<Option<SectionName>>,
    /// Whether to hide it until its next message.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hidden: Option<bool>,
    /// With `hidden`: the newest message that was seen there, if others may have come meanwhile.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hidden_seq: Option<i64>,
    /// The message from which on it is unread until it is read again; `null` ends that. What is above the read marker
    /// is unread anyway: such a number counts as `null`.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub unread_from: Option<Option<i64>>,
    /// With `unread_from`: where the read marker stood when that was said, if it may have moved meanwhile.
    #[serde(default, deserialize_with = "value", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub marked_seq: Option<i64>,
}

fn known_level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NotifyLevel>, D::Error> {
    petit_domain::known(deserializer).map(Some)
}

/// What is there and may not be `null`.
fn value<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn section<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<SectionName>>, D::Error> {
    petit_domain::fresh(deserializer).map(Some)
}

/// What is there, `null` or not.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Where the caller's read marker stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReadMarker {
    /// Number of the newest message read, −1 when none. Never falls.
    pub seq: i64,
    /// How many messages after it somebody wrote and nobody deleted.
    pub unread: i64,
    /// How many of them mention the caller.
    #[serde(default)]
    #[schema(required)]
    pub mentions: i64,
}

/// A message that mentions the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MentionItem {
    /// The message as it is now.
    pub message: Message,
}

/// That somebody reacted to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReactionItem {
    /// What it counts as.
    pub emoji: Emoji,
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// The emoji with the skin tone that they chose. Left out where they chose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub shown: Option<Emoji>,
}

/// How far the members of a chat have its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChatReceipts {
    /// One for each member, by id; nobody where they are more than 100.
    pub receipts: Vec<Receipt>,
}

/// Somebody who has a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// The furthest that may be told of them and this message.
    pub state: ReceiptState,
    /// When they came to what was asked for; `null` where that is not known, as after a while.
    #[schema(required)]
    pub at: Option<Timestamp>,
}

/// A page of those who have a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Viewers {
    /// Who, by id; nobody in a chat of more than 100 members.
    pub items: Vec<Viewer>,
    /// What to pass as `cursor` for the page after this one; `null` at the end.
    #[schema(required)]
    pub next: Option<String>,
    /// How many they are on all pages; `null` where that is not told.
    #[schema(required)]
    pub count: Option<i64>,
}

/// A message that is pinned in its chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PinItem {
    /// The message as it is now.
    pub message: Message,
    /// Who pinned it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A message that the caller saved for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SavedItem {
    /// The message as it is now.
    pub message: Message,
    /// When it was saved.
    pub at: Timestamp,
}

/// What changed in a chat beside new messages; what a client fetches when a `cseq` is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changes {
    /// One event for each change, by rising `cseq`: what it is about as it is now. If the first number is not
    /// the next one, the changes between are no longer known: the chat is to be fetched anew.
    pub events: Vec<Event>,
    /// The newest change number these cover. Ask again after it while it is below `head_cseq`.
    pub up_to_cseq: i64,
    /// The chat's newest change number.
    pub head_cseq: i64,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionInfo {
    /// Name of the session, used to end it.
    pub id: SessionId,
    /// Browser or program.
    pub kind: SessionKind,
    /// What to recognise it by.
    pub label: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Body of `POST /v1/invitations`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvitation {
    /// What the invited person may do; at most what the caller may.
    #[serde(default = "member_role", deserialize_with = "petit_domain::known")]
    pub role: ServerRole,
}

fn member_role() -> ServerRole {
    ServerRole::Member
}

/// A link for one new person. Shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationLink {
    /// The address to open.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A ticket for one socket or event stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SocketTicket {
    /// Works once.
    pub ticket: String,
    /// Until then: a minute from now.
    pub expires_at: Timestamp,
}

/// Whether somebody is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PresenceInfo {
    /// Who.
    pub user: UserId,
    /// Online, away or offline.
    pub presence: Presence,
    /// Since when.
    pub since: Timestamp,
}

/// What everybody who is signed in may know of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerInfo {
    /// What people call it, as its configuration says; null where it has no name.
    #[schema(required)]
    pub name: Option<String>,
    /// Whether a link of `POST /v1/invitations` makes an account. Where another system keeps the accounts, or
    /// where nobody may make one, none does.
    pub invitations: bool,
}

/// What a part of the server says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
}
