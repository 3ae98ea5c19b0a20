//! Frames of the socket `/v1/socket`, subprotocol `petit.v1.json`: one JSON object in each text
//! message. `docs/PROTOCOL.md` tells the whole conversation.

use std::collections::BTreeMap;

use petit_domain::{Acked, ChatId, Event, Head, SessionId, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::value::RawValue;

/// What a client knows of its chats: the newest numbers it has applied.
pub type Cursors = BTreeMap<ChatId, Head>;

/// A frame from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// First frame of a new connection: who this is, and from where to replay.
    Identify {
        /// One-use ticket of `POST /v1/socket-ticket`.
        ticket: String,
        /// For up to 64 chats: send what came after these numbers.
        #[serde(default)]
        cursors: Cursors,
        /// The generation that the numbers are of, as `ready` or `resumed` gave it.
        #[serde(default)]
        generation: Option<String>,
    },
    /// First frame of a connection that continues a broken one.
    Resume {
        /// The newest resume token of the broken connection.
        token: String,
        /// How many event frames of the broken connection had arrived.
        received: u64,
        /// As in `identify`, for when exact replay is not possible.
        #[serde(default)]
        cursors: Cursors,
    },
    /// Asks for a `pong`. At least one every ping interval.
    Ping {
        /// How many event frames have arrived on this connection; the server forgets those.
        received: u64,
    },
    /// One API request, answered by one `response` with the same `id`.
    Request(ClientRequest),
    /// Says which chats are open on the screen; `pong` carries their heads.
    Focus {
        /// At most 16.
        chats: Vec<ChatId>,
    },
    /// How far the device has messages, and how far they were in front of the person. Not answered; chats that one is not in
    /// are left out silently.
    Ack {
        /// At most 64.
        chats: BTreeMap<ChatId, Acked>,
    },
    /// The person is writing in a chat.
    Typing {
        /// Where.
        chat: ChatId,
    },
    /// Whether somebody is in front of this connection.
    Activity {
        /// `true` after input, `false` after five minutes without, or in the background.
        active: bool,
    },
    /// Whose presence to send from now on; replaces the earlier list. People one shares no chat with are left out silently.
    Watch {
        /// At most 200.
        users: Vec<UserId>,
    },
}

/// An API request carried by the socket: same paths, same controllers as over HTTP.
#[derive(Debug, Deserialize)]
pub struct ClientRequest {
    /// Chosen by the client; unique among its open requests.
    pub id: u64,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Path and query, beginning with `/v1/`.
    pub path: String,
    /// Only `Idempotency-Key` is looked at.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body, if the request has one.
    #[serde(default, deserialize_with = "raw")]
    pub body: Option<Box<RawValue>>,
}

/// Reads any JSON and keeps it as text. A `RawValue` alone cannot be read inside a tagged enum,
/// because serde has taken the tag's object apart before it gets there.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    value.map(|value| serde_json::value::to_raw_value(&value).map_err(D::Error::custom)).transpose()
}

/// A frame from the server.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "written or read at once, and never kept")]
pub enum ServerFrame {
    /// First frame of every connection.
    Hello {
        /// Version of the protocol.
        version: u32,
        /// The server's clock.
        time: Timestamp,
        /// How often to ping, in milliseconds.
        ping_interval_ms: u64,
        /// What the server takes.
        limits: SocketLimits,
    },
    /// The client is known; events follow. First the replay of the given cursors, then live ones.
    Ready {
        /// Who the client is.
        user: UserId,
        /// Its session.
        session: SessionId,
        /// Continues this connection after a break. Works once.
        resume_token: String,
        /// For how long after the break events are kept, in milliseconds.
        resume_within_ms: u64,
        /// Which history the numbers are of. Another one than before: what is held of chats is not true any more.
        #[serde(default)]
        generation: String,
    },
    /// The broken connection goes on here; its missed events follow.
    Resumed {
        /// Whether exactly the missed event frames follow (`true`), or what the cursors ask for (`false`).
        exact: bool,
        /// How many replayed event frames follow.
        replayed: u64,
        /// As in `ready`.
        #[serde(default)]
        generation: String,
        /// Continues this connection after a break. Works once.
        resume_token: String,
    },
    /// For these chats (all, when empty) replay is not possible: fetch their state anew.
    Resync {
        /// Which.
        chats: Vec<ChatId>,
    },
    /// Answers `ping`.
    Pong {
        /// Heads of the chats in focus.
        #[schema(value_type = BTreeMap<String, Head>)]
        heads: Cursors,
    },
    /// Answers `request`.
    Response {
        /// The request's.
        id: u64,
        /// HTTP status.
        status: u16,
        /// The JSON body, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "raw")]
        #[schema(value_type = Option<serde_json::Value>)]
        body: Option<Box<RawValue>>,
    },
    /// Something happened.
    Event {
        /// What.
        event: Event,
    },
    /// Events of these chats were dropped because the connection was too slow: fetch up to these numbers.
    Dirty {
        /// Heads of the chats.
        #[schema(value_type = BTreeMap<String, Head>)]
        chats: Cursors,
    },
    /// The server will close this connection soon: connect again after a random time between the two.
    Goaway {
        /// `restart` or `revoked`.
        reason: String,
        /// Earliest and latest, in milliseconds.
        reconnect_ms: [u64; 2],
    },
    /// A frame was refused and the connection stays.
    Error {
        /// A stable code, as in problems.
        code: String,
        /// What is wrong.
        detail: String,
        /// The request it was, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
    },
}

/// Limits of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SocketLimits {
    /// The largest frame a client may send, in bytes.
    pub frame_bytes: usize,
    /// How many requests may be unanswered at once.
    pub open_requests: usize,
    /// How many chats may be in `focus`.
    pub focus: usize,
    /// How many people may be in `watch`.
    pub watch: usize,
    /// How many chats `cursors` may name.
    pub cursors: usize,
    /// How many chats may be in `ack`. An older server leaves it out and takes none.
    #[serde(default)]
    #[schema(required = false)]
    pub acks: usize,
}

/// Why the server closed a connection (RFC 6455 §7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// Bye.
    Normal = 1000,
    /// A message was not UTF-8.
    InvalidUtf8 = 1007,
    /// The server restarts: connect again.
    Restart = 1012,
    /// A frame is not what the protocol says.
    BadFrame = 4001,
    /// A frame is too big.
    TooBig = 4002,
    /// Something came before `identify` or `resume`, or neither came in time.
    NotIdentified = 4003,
    /// The ticket is unknown, used or too old: get another one.
    TicketRefused = 4004,
    /// `identify` or `resume` came twice.
    AlreadyIdentified = 4005,
    /// The session ended: sign in again, do not reconnect.
    SessionRevoked = 4006,
    /// The resume token is unknown, used or too old: identify.
    ResumeRefused = 4007,
    /// The client read too slowly for too long: resume.
    TooSlow = 4008,
    /// No ping came for two intervals: resume.
    TimedOut = 4009,
}
