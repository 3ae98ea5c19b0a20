use std::{
    fmt::Write,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use petit_domain::ChatId;
use petit_ports::Generation;
use petit_protocol::CloseCode;
use tokio::time::{Sleep, sleep};

use super::id::EventId;
use crate::{
    connection::Connection,
    plexer::Plexer,
    send_queue::{Lost, Taken},
};

/// How much is put into one piece of the body.
const PIECE: usize = 32 * 1024;

/// The body of the answer.
pub(super) struct EventStream {
    plexer: Arc<Plexer>,
    connection: Arc<Connection>,
    generation: u32,
    /// Name of the store's generation.
    history: String,
    begun: bool,
    comment: Pin<Box<Sleep>>,
}

impl EventStream {
    pub(super) fn new(
        plexer: &Arc<Plexer>,
        connection: Arc<Connection>,
        generation: u32,
        history: Generation,
    ) -> Self {
        let history = history.name();
        let comment = Box::pin(sleep(plexer.settings.comment_every));
        Self { plexer: plexer.clone(), connection, generation, history, begun: false, comment }
    }

    /// Says at once that it works, and when to come back: at different times for different clients.
    fn greeting(&self) -> Bytes {
        let retry = 1_000 + self.plexer.stage.random.next_u64() % 4_000;
        Bytes::from(format!("retry: {retry}\n: connected\n\n"))
    }

    fn put(&self, piece: &mut Vec<u8>, taken: Taken) {
        match taken {
            Taken::Frame(bytes) => piece.extend_from_slice(&bytes),
            Taken::Event(count, event) => {
                let (at, history) = (self.plexer.stage.now(), Some(self.history.clone()));
                let id = EventId { connection: self.connection.id, count, at, history };
                let mut line = String::new();
                let _ = write!(line, "id: {id}\ndata: ");
                piece.extend_from_slice(line.as_bytes());
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
                state.send_queue.push_frame(told(&lost));
            }
            while piece.len() < PIECE && !state.send_queue.is_drained() {
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
        let closing = self.connection.with(|state| state.closing());
        let goes_on = matches!(closing, None | Some(CloseCode::TooSlow));
        let keep = goes_on && self.connection.caller().is_some();
        if !self.connection.detach(self.generation, keep) {
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

fn told(lost: &Lost) -> Vec<u8> {
    match lost {
        Lost::Chats(chats) => resync(chats),
        Lost::Nothing | Lost::Everything => resync(&[]),
    }
}

/// Asks the client to fetch these chats, or all.
pub(super) fn resync(chats: &[ChatId]) -> Vec<u8> {
    let frame = serde_json::json!({ "type": "resync", "chats": chats });
    format!("data: {frame}\n\n").into_bytes()
}
