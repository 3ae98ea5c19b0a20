use petit_domain::{ChatId, ClientId, MessageText, ScheduledId, Timestamp};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/chats/{chat}/scheduled`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleMessage {
    /// Markdown, at most 16 KiB.
    pub text: MessageText,
    /// Made by the sender; the message that is sent carries it, and the same one again answers the first.
    pub client_id: ClientId,
    /// When to send it: in the future, at most a year ahead.
    pub send_at: Timestamp,
    /// Number of the message this one answers.
    #[serde(default)]
    pub reply_to: Option<i64>,
}

/// Body of `PATCH /v1/scheduled/{id}`. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateScheduled {
    /// The new text.
    #[serde(default)]
    pub text: Option<MessageText>,
    /// The new time: in the future, at most a year ahead. Needed where sending has failed.
    #[serde(default)]
    pub send_at: Option<Timestamp>,
}

/// Whether a scheduled message is still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledProgress {
    /// It will be sent at its time.
    Waiting,
    /// It could not be written when its time came; `reason` says why. It can be changed, or removed.
    Failed,
}

/// A message that is to be sent later, as its author sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScheduledMessage {
    /// What to change or cancel it by.
    pub id: ScheduledId,
    /// Where it is to be sent.
    pub chat: ChatId,
    /// Markdown as it was written.
    pub text: String,
    /// The sender's own name for it, which the message will have.
    pub client_id: ClientId,
    /// When it is to be sent.
    pub send_at: Timestamp,
    /// Number of the message it answers.
    #[schema(required)]
    pub reply_to: Option<i64>,
    /// Whether it waits or has failed.
    pub state: ScheduledProgress,
    /// Why it has failed: the code that sending it would answer, such as `not_found` for a chat one is not in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is only held for some seconds: `POST …/messages` with `hold_s`. Left out where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub held: bool,
}
