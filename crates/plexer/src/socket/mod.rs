//! One task for each socket: reads what the client sends, writes what did not fit at once.

mod answer;
mod handshake;
mod identify;
mod request;

use std::{
    io,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use petit_domain::Timestamp;
use petit_protocol::{CloseCode, ServerFrame, SocketLimits};

pub(crate) use handshake::{come_back_later, upgrade};

use crate::{
    connection::{Connection, Kind, Link, State},
    plexer::Plexer,
    send_queue::{Flushed, Lost},
    websocket::{Decoder, Incoming, MESSAGE_LIMIT, Refusal},
    wire::Wire,
};

/// How long a closed socket is read on, so that the farewell is not lost to a reset.
const LINGER: Duration = Duration::from_secs(2);
const OPEN_REQUESTS: usize = 32;
const FOCUS: usize = 16;
/// Most chats in `ack`.
const ACKS: usize = petit_app::receipts::MOST_CHATS;
const WATCH: usize = 200;
const CURSORS: usize = 64;

/// A socket and the connection it serves.
struct Socket {
    plexer: Arc<Plexer>,
    connection: Arc<Connection>,
    /// The connection's when this socket took it over.
    generation: u32,
    wire: Wire,
    decoder: Decoder,
    inbox: Vec<Incoming>,
}

/// What the task has to do next.
enum Next {
    Take(Result<(), Refusal>),
    Tell(Lost),
    End(End),
}

/// Why a socket is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The bytes stopped without a farewell.
    Broken,
    /// The farewell was said.
    Closed(CloseCode),
    /// The connection goes on over another socket.
    Replaced,
}

/// Serves a socket until it is over.
async fn serve(plexer: Arc<Plexer>, wire: Wire, early: Bytes) {
    let connection = plexer.hub.open(Kind::Socket, wire.link());
    let mut socket =
        Socket { plexer, connection, generation: 0, wire, decoder: Decoder::default(), inbox: Vec::new() };
    socket.connection.send(&hello(&socket.plexer));
    if let Err(refusal) = socket.decoder.feed(&early, &mut socket.inbox) {
        socket.refuse(refusal);
    }
    // It keeps the whole buffer of the handshake alive.
    drop(early);
    let end = socket.converse().await;
    Box::pin(socket.leave(end)).await;
}

fn hello(plexer: &Plexer) -> ServerFrame {
    let limits = SocketLimits {
        frame_bytes: MESSAGE_LIMIT,
        open_requests: OPEN_REQUESTS,
        focus: FOCUS,
        watch: WATCH,
        cursors: CURSORS,
        acks: ACKS,
    };
    let time: Timestamp = plexer.stage.now();
    ServerFrame::Hello { version: 1, time, ping_interval_ms: millis(plexer.settings.ping_interval), limits }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Socket {
    async fn converse(&mut self) -> End {
        loop {
            for message in std::mem::take(&mut self.inbox) {
                // Boxed, so that a socket at rest does not hold room for everything a frame may need.
                Box::pin(self.take(message)).await;
            }
            match self.next().await {
                Next::Take(Ok(())) => {}
                Next::Take(Err(refusal)) => self.refuse(refusal),
                Next::Tell(lost) => Box::pin(self.tell(lost)).await,
                Next::End(end) => return end,
            }
        }
    }

    async fn next(&mut self) -> Next {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let (wire, generation) = (&mut self.wire, self.generation);
        let may_read = match self.connection.with(|state| turn(state, cx, wire, generation)) {
            Turn::Next(next) => return Poll::Ready(next),
            Turn::Read(may_read) => may_read,
        };
        if !may_read {
            return Poll::Pending;
        }
        let (decoder, inbox) = (&mut self.decoder, &mut self.inbox);
        self.wire.poll_read(cx, |bytes| decoder.feed(bytes, inbox)).map(|read| match read {
            Ok(Some(result)) => Next::Take(result),
            Ok(None) | Err(_) => Next::End(self.connection.with(|state| broken(state))),
        })
    }

    /// Closes because of what the client sent.
    fn refuse(&self, refusal: Refusal) {
        let (code, reason) = match refusal {
            Refusal::Malformed(what) => (CloseCode::BadFrame, what),
            Refusal::TooBig => (CloseCode::TooBig, "a message is larger than 64 KiB"),
            Refusal::NotUtf8 => (CloseCode::InvalidUtf8, "a message is not UTF-8"),
        };
        self.connection.close(None, code, reason, false);
    }

    /// Writes until less than half of the queue's room is taken. Answers whether the socket still works.
    async fn room(&mut self) -> bool {
        let (wire, generation) = (&mut self.wire, self.generation);
        let connection = &self.connection;
        let works = std::future::poll_fn(|cx| {
            connection.with(|state| {
                let written = write(state, cx, wire);
                match turn(state, cx, wire, generation) {
                    Turn::Next(Next::End(_)) => Poll::Ready(false),
                    _ if written.is_err() || state.closing().is_some() => Poll::Ready(false),
                    _ if state.send_queue.has_room() => Poll::Ready(true),
                    _ => Poll::Pending,
                }
            })
        });
        let works = works.await;
        // Somebody who is still taking a long replay is not silent.
        self.connection.heard_at(Instant::now());
        works
    }

    async fn leave(mut self, end: End) {
        if end == End::Replaced {
            return;
        }
        let identified = self.connection.caller().is_some();
        let keep =
            identified && matches!(end, End::Broken | End::Closed(CloseCode::TooSlow | CloseCode::TimedOut));
        if self.connection.detach(self.generation, keep) {
            match self.connection.caller() {
                Some(caller) if keep => self.plexer.hub.observe_presence(caller.user).await,
                _ => self.plexer.hub.forget(&self.connection).await,
            }
        }
        if matches!(end, End::Closed(_)) {
            let _ = tokio::time::timeout(LINGER, self.linger()).await;
        }
    }

    /// Reads to the end, so that the client gets the farewell before the socket is torn down.
    async fn linger(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| self.wire.poll_shutdown(cx)).await?;
        while std::future::poll_fn(|cx| self.wire.poll_read(cx, |_| ())).await?.is_some() {}
        Ok(())
    }
}

enum Turn {
    Next(Next),
    /// Nothing but reading is left to do, if the client may be read now.
    Read(bool),
}

/// What a connection's state asks of its task, after it wrote what did not fit before.
fn turn(state: &mut State, cx: &mut Context<'_>, wire: &mut Wire, generation: u32) -> Turn {
    if state.generation != generation {
        return Turn::Next(Next::End(End::Replaced));
    }
    state.wake_me(cx.waker());
    let written = if state.needs_its_task() { write(state, cx, wire) } else { Ok(()) };
    if written.is_err() || state.is_abandoned() {
        return Turn::Next(Next::End(broken(state)));
    }
    match state.closing() {
        Some(code) if state.send_queue.is_drained() => Turn::Next(Next::End(End::Closed(code))),
        Some(_) => Turn::Read(true),
        None => match state.take_loss() {
            Some(lost) => Turn::Next(Next::Tell(lost)),
            None => Turn::Read(!state.send_queue.is_clogged()),
        },
    }
}

fn write(state: &mut State, cx: &mut Context<'_>, wire: &mut Wire) -> io::Result<()> {
    state.blocked = state.send_queue.flush(|slices| wire.write(cx, slices))? == Flushed::Blocked;
    match wire.poll_flush(cx) {
        Poll::Ready(flushed) => flushed,
        Poll::Pending => Ok(()),
    }
}

/// A socket that breaks while it says goodbye ends as it was going to.
fn broken(state: &State) -> End {
    state.closing().map_or(End::Broken, End::Closed)
}

impl Wire {
    fn link(&self) -> Link {
        match self {
            Self::Tcp(stream) => Link::Direct(stream.clone()),
            Self::Other(_) => Link::Task,
        }
    }
}
