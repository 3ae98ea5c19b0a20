//! Server-sent events: the second way to hear, for who cannot hold a socket.

use std::{
    fmt::Write,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::Body,
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, StatusCode, header};
use petit_app::{AppError, Caller, resume};
use petit_domain::{ChatId, Event, Timestamp};
use petit_protocol::codes;
use serde::Deserialize;
use tokio::time::{Sleep, sleep};

use crate::{
    auth::{self, is_same_site},
    connection::{Connection, Kind, Link},
    outbox::{Lost, Taken},
    plexer::Plexer,
    problem::{problem, refusal},
    socket::{come_back_later, missed},
};

/// How much is put into one piece of the body.
const PIECE: usize = 32 * 1024;

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    ticket: Option<String>,
}

/// `GET /v1/events`.
pub(crate) async fn open(
    State(plexer): State<Arc<Plexer>>,
    asked: Result<Query<Asked>, QueryRejection>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    if !is_same_site(&head.headers) {
        return problem(
            StatusCode::FORBIDDEN,
            codes::CROSS_SITE,
            "Another site's page may not open a stream.",
        );
    }
    if plexer.is_draining() {
        return come_back_later();
    }
    let caller = match auth::caller(&plexer.app, &head, asked.ticket.as_deref()).await {
        Ok(caller) => caller,
        Err(error) => return refusal(&error),
    };
    let last = head.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    match begin(&plexer, caller, last).await {
        Ok(stream) => respond(stream),
        Err(error) => refusal(&error),
    }
}

fn respond(stream: EventStream) -> Response {
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The name of an event: its connection, how many came with it, and a moment nothing before which is
/// missing. The first two find the exact place on this node, the third an almost exact one anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EventId {
    connection: u64,
    count: u64,
    at: Timestamp,
}

impl EventId {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let connection = u64::from_str_radix(parts.next()?, 16).ok()?;
        let count = parts.next()?.parse().ok()?;
        let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(Self { connection, count, at })
    }
}

/// Begins a stream where the client's last one stopped, if it says where.
async fn begin(plexer: &Arc<Plexer>, caller: Caller, last: Option<&str>) -> Result<EventStream, AppError> {
    let id = last.map(|last| EventId::parse(last.trim()));
    if let Some(Some(id)) = id
        && let Some(stream) = go_on(plexer, caller, id).await
    {
        return Ok(stream);
    }
    let connection = plexer.hub.open(Kind::Stream, Link::Task);
    let stream = EventStream::new(plexer, connection.clone(), 0, plexer.app.now());
    plexer.hub.register(&connection, caller).await?;
    match id {
        None => {}
        Some(None) => connection.with(|state| state.outbox.push_frame(resync(&[]))),
        Some(Some(id)) => replay(plexer, caller, &connection, id).await?,
    }
    connection.with(|state| state.outbox.go_live());
    Ok(stream)
}

async fn replay(
    plexer: &Arc<Plexer>,
    caller: Caller,
    connection: &Connection,
    id: EventId,
) -> Result<(), AppError> {
    let since = id.at.plus_seconds(-10);
    let cursors = resume::cursors_since(&plexer.app, caller.user, since).await?;
    let missed = missed(plexer, caller, cursors.into_iter().collect()).await?;
    connection.with(|state| {
        if !missed.resync.is_empty() {
            state.outbox.push_frame(resync(&missed.resync));
        }
        missed.events.into_iter().for_each(|event| state.outbox.push_replayed(event));
    });
    Ok(())
}

/// Takes over the client's last stream itself, if it is still here with all that was missed.
async fn go_on(plexer: &Arc<Plexer>, caller: Caller, id: EventId) -> Option<EventStream> {
    let connection = plexer.hub.find(id.connection)?;
    if connection.kind != Kind::Stream || connection.caller() != Some(caller) {
        return None;
    }
    let Some(generation) = connection.adopt(Link::Task, id.count, |_, _| None) else {
        plexer.hub.forget(&connection).await;
        return None;
    };
    plexer.hub.observe_presence(caller.user).await;
    Some(EventStream::new(plexer, connection, generation, id.at))
}

/// The body of the answer.
struct EventStream {
    plexer: Arc<Plexer>,
    connection: Arc<Connection>,
    generation: u32,
    /// The newest moment of the events so far.
    at: Timestamp,
    begun: bool,
    comment: Pin<Box<Sleep>>,
}

impl EventStream {
    fn new(plexer: &Arc<Plexer>, connection: Arc<Connection>, generation: u32, at: Timestamp) -> Self {
        let comment = Box::pin(sleep(plexer.settings.comment_every));
        Self { plexer: plexer.clone(), connection, generation, at, begun: false, comment }
    }

    /// Says at once that it works, and when to come back: at different times for different clients.
    fn greeting(&self) -> Bytes {
        let retry = 1_000 + self.plexer.app.random().next_u64() % 4_000;
        Bytes::from(format!("retry: {retry}\n: connected\n\n"))
    }

    fn put(&mut self, piece: &mut Vec<u8>, taken: Taken) {
        match taken {
            Taken::Frame(bytes) => piece.extend_from_slice(&bytes),
            Taken::Event(count, event) => {
                self.at = self.at.max(moment(event.event()).unwrap_or(self.at));
                let mut id = String::new();
                let _ = write!(id, "id: {:x}.{count}.{}\ndata: ", self.connection.id, self.at.micros());
                piece.extend_from_slice(id.as_bytes());
                piece.extend_from_slice(event.json());
                piece.extend_from_slice(b"\n\n");
            }
        }
    }

    /// Everything that waits, as one piece. `None` at the end of the stream.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut piece = Vec::new();
        let connection = self.connection.clone();
        let over = connection.with(|state| {
            if state.generation != self.generation {
                return true;
            }
            state.wake_me(cx.waker());
            if let Some(lost) = state.take_loss() {
                state.outbox.push_frame(told(&lost));
            }
            while piece.len() < PIECE && !state.outbox.is_drained() {
                let Some(taken) = state.take_first() else { break };
                self.put(&mut piece, taken);
            }
            state.closing().is_some() || state.is_abandoned()
        });
        match (piece.is_empty(), over) {
            (false, _) => Poll::Ready(Some(piece.into())),
            (true, true) => Poll::Ready(None),
            (true, false) => Poll::Pending,
        }
    }
}

impl Stream for EventStream {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Poll::Ready(Some(Ok(self.greeting())));
        }
        if let Poll::Ready(piece) = self.poll_piece(cx) {
            return Poll::Ready(piece.map(Ok));
        }
        if self.comment.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let next = tokio::time::Instant::now() + self.plexer.settings.comment_every;
        self.comment.as_mut().reset(next);
        let _ = self.comment.as_mut().poll(cx);
        Poll::Ready(Some(Ok(Bytes::from_static(b":\n\n"))))
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        let revoked = self.connection.with(|state| state.closing().is_some());
        let keep = !revoked && self.connection.caller().is_some();
        if !self.connection.detach(self.generation, keep, Instant::now()) {
            return;
        }
        let (plexer, connection) = (self.plexer.clone(), self.connection.clone());
        // There is no runtime any more when the process ends; then nobody is left to be told.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            match connection.caller() {
                Some(caller) if keep => plexer.hub.observe_presence(caller.user).await,
                _ => plexer.hub.forget(&connection).await,
            }
        });
    }
}

/// When the log took what an event tells, for events that say so.
fn moment(event: &Event) -> Option<Timestamp> {
    match event {
        Event::MessageCreated { message, .. } => Some(message.created_at),
        Event::MessageEdited { message, .. } => message.edited_at,
        _ => None,
    }
}

fn told(lost: &Lost) -> Vec<u8> {
    match lost {
        Lost::Chats(chats) => resync(chats),
        Lost::Nothing | Lost::Everything => resync(&[]),
    }
}

/// Asks the client to fetch these chats, or all.
fn resync(chats: &[ChatId]) -> Vec<u8> {
    let frame = serde_json::json!({ "type": "resync", "chats": chats });
    format!("data: {frame}\n\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_is_read_as_it_was_written_and_nothing_else_is() {
        let id = EventId { connection: 0xfeed, count: 7, at: Timestamp::from_micros(5) };
        assert_eq!(EventId::parse("feed.7.5"), Some(id));
        for bad in ["", "feed.7", "feed.7.5.1", "x.7.5", "feed.-7.5", "feed.7.", "1ffffffffffffffff.1.1"] {
            assert_eq!(EventId::parse(bad), None, "{bad}");
        }
    }
}
