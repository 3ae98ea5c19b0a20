use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, ScheduledId, TimerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// How far a message that is to be sent later has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledState {
    /// Its time has not come.
    Waiting,
    /// Somebody began to send it: it cannot be changed or cancelled any more.
    Sending,
    /// It could not be written, for a reason that waiting does not cure: the code of a refusal.
    Failed(String),
    /// It is in the chat.
    Sent,
}

/// A message that is to be sent later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Its id, the same for the same author, chat and client id.
    pub id: ScheduledId,
    /// Who writes it.
    pub author: UserId,
    /// Where.
    pub chat: ChatId,
    /// Markdown.
    pub text: String,
    /// The client id that the message will have.
    pub client_id: ClientId,
    /// Number of the message it answers.
    pub reply_to: Option<i64>,
    /// When it is to be sent.
    pub send_at: Timestamp,
    /// When it was first asked for.
    pub created_at: Timestamp,
    /// The timer that sends it; every change of the message brings another one, so it is its version too.
    pub timer: TimerId,
    /// How far it has come.
    pub state: ScheduledState,
    /// Whether it is only held for some seconds so that its author can take it back: then it is sent as if by hand.
    pub is_held: bool,
}

impl Scheduled {
    /// How long it is remembered that one was sent, in seconds.
    pub const REMEMBERED_S: i64 = 30 * 24 * 3600;
    /// How long of one that was held: whoever uses that sends many.
    pub const HELD_REMEMBERED_S: i64 = 3600;
}

/// A place in a list of scheduled messages: by time, then by id.
pub type ScheduledPosition = (Timestamp, ScheduledId);

/// Messages that are to be sent later. Each author has some hundreds at most.
#[async_trait]
pub trait ScheduledStore: Send + Sync {
    /// Keeps a message, unless its author has one with this id: then that is answered and nothing is written.
    /// Of several at once, one is kept and answered to all others.
    async fn put(&self, scheduled: &Scheduled) -> Result<Option<Scheduled>, StoreError>;

    /// The author's message with this id. One that was sent is forgotten after a month, one that was held after an hour.
    async fn get(&self, author: UserId, id: ScheduledId) -> Result<Option<Scheduled>, StoreError>;

    /// The author's messages that are not sent, soonest first, those after `after`.
    async fn list(
        &self,
        author: UserId,
        after: Option<&ScheduledPosition>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, StoreError>;

    /// Puts `after` in the place of `before`, or nothing, if what is there still has the timer and the state of
    /// `before`; the reason of a failure is not compared. Whether it was so. Of several at once, one is told that
    /// it was. Author, id, chat and client id stay as they are.
    async fn swap(&self, before: &Scheduled, after: Option<&Scheduled>) -> Result<bool, StoreError>;
}
