//! Polls: messages that ask something and are closed when their time is over.

use petit_app::{App, AppError};
use petit_domain::{About, ChangeKind, ChatId, ClientId, MessageKind, Parts, Timestamp, UserId};
use petit_ports::{Effect, NewChange, NewMessage, Wish, Written};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The number of a vote among kinds of changes.
pub const VOTED: u8 = 200;
/// The number of the end of a poll.
pub const CLOSED: u8 = 201;
/// The name of a poll among kinds of messages.
pub const POLL: &str = "poll";
/// The name of the line that says that a poll was closed.
const POLL_CLOSED: &str = "poll_closed";
/// The name of the part that holds the answers.
const PART: &str = "poll";

/// A poll that is to be opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPoll {
    pub chat: ChatId,
    pub question: String,
    pub answers: Vec<String>,
    pub client_id: ClientId,
    pub closes_at: Timestamp,
}

/// What is said of a poll beside its question.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ballot {
    pub answers: Vec<String>,
    pub closes_at: Timestamp,
}

fn kind(name: &str) -> Result<MessageKind, AppError> {
    Ok(MessageKind::named(name.parse()?))
}

/// Whether a message is a poll; if so, when it is closed.
pub fn ballot(kind: MessageKind, parts: &Parts) -> Option<Ballot> {
    let (_, part) = parts.unknown().find(|(name, _)| *name == PART)?;
    serde_json::from_value(part.clone()).ok().filter(|_| kind.as_str() == POLL)
}

/// Writes the message. Again is harmless.
pub async fn open(app: &App, by: UserId, poll: &NewPoll) -> Result<(), AppError> {
    let NewPoll { chat, question, answers, client_id, closes_at } = poll.clone();
    let said = NewMessage::text(by, client_id, question, app.now(), app.random().next_u64());
    let mut parts = Parts::default();
    parts.put(PART.to_owned(), json!(Ballot { answers, closes_at }));
    write(app, chat, NewMessage { kind: kind(POLL)?, parts, marks_read: false, ..said }).await
}

/// Numbers a vote.
pub async fn vote(app: &App, by: UserId, chat: ChatId, seq: i64, answer: usize) -> Result<i64, AppError> {
    let kind = ChangeKind::Other { code: VOTED, about: About::Message(seq) };
    let effect = Effect { kind, body: Some(json!({ "answer": answer }).to_string()) };
    let wish = Wish::Note(NewChange { effect, actor: by, at: app.now(), if_cseq: None });
    match app.store().log_writer.write(chat, wish).await? {
        Written::Noted(change) => Ok(change.cseq),
        other => Err(odd(&other)),
    }
}

/// Says in the timeline that a poll is over, in one step with the change that ends it. Again is harmless.
pub async fn close(app: &App, by: UserId, chat: ChatId, seq: i64) -> Result<(), AppError> {
    let client_id = ClientId::try_from(format!("poll-{seq}-closed"))?;
    let said =
        NewMessage::text(by, client_id, "It is decided.".to_owned(), app.now(), app.random().next_u64());
    let ended = ChangeKind::Other { code: CLOSED, about: About::Nothing };
    let change = Some(Effect { kind: ended, body: Some(json!({ "poll": seq }).to_string()) });
    let kind = kind(POLL_CLOSED)?;
    write(app, chat, NewMessage { kind, change, reply_to: Some(seq), marks_read: false, ..said }).await
}

async fn write(app: &App, chat: ChatId, message: NewMessage) -> Result<(), AppError> {
    match app.store().log_writer.write(chat, Wish::Append(message)).await? {
        Written::New(_) | Written::Repeated(_) => Ok(()),
        other => Err(odd(&other)),
    }
}

fn odd(written: &Written) -> AppError {
    AppError::Internal(format!("the log answered {written:?}").into())
}
