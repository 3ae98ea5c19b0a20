use serde::{Deserialize, Serialize};

/// An error as clients get it (RFC 9457, `application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// A stable word for programs, one of a documented list.
    #[schema(example = "not_found")]
    pub code: String,
    /// The kind of problem, for people.
    pub title: String,
    /// What is wrong here, for people.
    pub detail: String,
    /// Which part of the request is wrong, as a JSON pointer or parameter name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many seconds the same request may be done, where that is known: what the header `Retry-After` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_s: Option<u32>,
}

/// The stable codes that do not come from a value's own check.
pub mod codes {
    /// Nobody is signed in, or the session has ended.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// It does not exist, or it is not for the caller to know that it does.
    pub const NOT_FOUND: &str = "not_found";
    /// The caller may see it but not do this.
    pub const FORBIDDEN: &str = "forbidden";
    /// Only admins and owners write in this chat.
    pub const ADMINS_ONLY: &str = "admins_only";
    /// The chat is archived: nothing is written in it.
    pub const ARCHIVED: &str = "archived";
    /// A page sent this request that is not ours.
    pub const CROSS_SITE: &str = "cross_site";
    /// The body is not JSON.
    pub const MALFORMED_JSON: &str = "malformed_json";
    /// The body is JSON of another shape than the description asks for.
    pub const INVALID_BODY: &str = "invalid_body";
    /// A parameter in the path or query has another shape than the description asks for.
    pub const INVALID_PARAMETER: &str = "invalid_parameter";
    /// The cursor was not made by this server for this list.
    pub const INVALID_CURSOR: &str = "invalid_cursor";
    /// The body is larger than the server takes.
    pub const BODY_TOO_LARGE: &str = "body_too_large";
    /// The body's content type is not JSON.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "unsupported_media_type";
    /// The path is there, the method is not.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// The idempotency key came before with another body.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "idempotency_key_reused";
    /// `reply_to` names no message of the chat.
    pub const UNKNOWN_REPLY: &str = "unknown_reply";
    /// `forward` names no message that the caller may see.
    pub const UNKNOWN_SOURCE: &str = "unknown_source";
    /// What is forwarded is sent at once: it is not held.
    pub const FORWARD_NOT_HELD: &str = "forward_not_held";
    /// A named person does not exist.
    pub const UNKNOWN_PERSON: &str = "unknown_person";
    /// The scheduled message was sent, or somebody has begun to send it.
    pub const ALREADY_SENT: &str = "already_sent";
    /// Another message of the caller in this chat, sent or waiting, has this `client_id`.
    pub const CLIENT_ID_USED: &str = "client_id_used";
    /// The time to send a message is not in the future, or too far ahead.
    pub const INVALID_SEND_AT: &str = "invalid_send_at";
    /// The caller has as many messages waiting as anybody may have.
    pub const TOO_MANY_SCHEDULED: &str = "too_many_scheduled";
    /// The message has as many kinds of reactions as it may have.
    pub const TOO_MANY_REACTIONS: &str = "too_many_reactions";
    /// As many messages of the chat are pinned as may be.
    pub const TOO_MANY_PINS: &str = "too_many_pins";
    /// The caller has saved as many messages as anybody may.
    pub const TOO_MANY_SAVED: &str = "too_many_saved";
    /// The message was deleted.
    pub const MESSAGE_DELETED: &str = "message_deleted";
    /// A newer version made it, and this one does not know what it would change.
    pub const NEWER_CONTENT: &str = "newer_content";
    /// What the timeline itself says cannot be edited or deleted.
    pub const NOT_A_TEXT: &str = "not_a_text";
    /// A direct chat keeps its two people and has no name.
    pub const DIRECT_CHAT_IS_FIXED: &str = "direct_chat_is_fixed";
    /// A chat keeps at least one owner.
    pub const LAST_OWNER: &str = "last_owner";
    /// More people at once than a chat may begin with.
    pub const TOO_MANY_MEMBERS: &str = "too_many_members";
    /// The address takes WebSocket handshakes only.
    pub const UPGRADE_REQUIRED: &str = "upgrade_required";
    /// A message's number is not negative.
    pub const INVALID_SEQ: &str = "invalid_seq";
    /// The one-use ticket is unknown, used or too old.
    pub const INVALID_TICKET: &str = "invalid_ticket";
    /// Too many requests; `Retry-After` says when to come back.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The chat is in slow mode; `Retry-After` says when the caller may write again.
    pub const SLOW_MODE: &str = "slow_mode";
    /// A part behind the server does not answer; `Retry-After` says when to come back.
    pub const UNAVAILABLE: &str = "unavailable";
    /// The server's disk is full: reading works, writing does not.
    pub const STORAGE_FULL: &str = "storage_full";
    /// The server made a mistake; its log says which.
    pub const INTERNAL: &str = "internal";
}
