//! A connection as the rest of the plexer knows it: what waits for it and who it is. It outlives
//! its socket by a minute, so that a broken one can go on.

use std::{
    io::IoSlice,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::Waker,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use petit_app::Caller;
use petit_domain::{ChatId, UserId};
use petit_ports::Announcement;
use petit_protocol::{CloseCode, ServerFrame};
use smallvec::SmallVec;
use tokio::net::TcpStream;

use crate::{
    frames::encode,
    outbox::{Flushed, Lost, Outbox, Taken, Weight},
    websocket::close_frame,
};

/// How long a closing connection gets to take its last frames.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the bytes of a connection go through.
pub(crate) enum Link {
    /// There is no socket now.
    None,
    /// Anybody may write.
    Direct(Arc<TcpStream>),
    /// The connection's own task writes when it is woken.
    Task,
}

/// Whether the peer speaks frames or reads an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Socket,
    Stream,
}

pub(crate) struct Connection {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    pub(crate) opened: Instant,
    caller: OnceLock<Caller>,
    /// Milliseconds between `opened` and the last sign of life.
    heard: AtomicU64,
    state: Mutex<State>,
}

/// What one lock guards. Never held over an await.
pub(crate) struct State {
    pub(crate) outbox: Outbox,
    link: Link,
    waker: Option<Waker>,
    /// A write did not fit; the task waits until the socket takes more.
    pub(crate) blocked: bool,
    /// Somebody will flush it soon.
    flush_pending: bool,
    /// How often the connection was resumed. Who holds an older number has been replaced.
    pub(crate) generation: u32,
    closing: Option<(CloseCode, Instant)>,
    /// Its time for a farewell is over.
    abandoned: bool,
    /// It cannot be continued any more.
    gone: bool,
    detached_at: Option<Instant>,
    active: bool,
    pub(crate) focus: Box<[ChatId]>,
    pub(crate) watching: Box<[UserId]>,
    open_requests: SmallVec<[u64; 2]>,
    last_typing: Option<Instant>,
}

/// Why a deadline ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    Close(CloseCode),
    /// The farewell was not taken either.
    Abandon,
    /// Nobody came back to it.
    Forget,
}

/// The patience that [`Connection::overdue`] goes by.
pub(crate) struct Patience {
    pub(crate) identify_within: Duration,
    pub(crate) silence: Duration,
    pub(crate) full_for: Duration,
    pub(crate) resume_within: Duration,
}

impl Connection {
    pub(crate) fn new(id: u64, kind: Kind, link: Link, now: Instant) -> Arc<Self> {
        Arc::new(Self {
            id,
            kind,
            opened: now,
            caller: OnceLock::new(),
            heard: AtomicU64::new(0),
            state: Mutex::new(State::new(link)),
        })
    }

    /// Who it is, once that is known.
    pub(crate) fn caller(&self) -> Option<Caller> {
        self.caller.get().copied()
    }

    /// Notes who it is. Answers whether nobody was noted before.
    pub(crate) fn identify(&self, caller: Caller) -> bool {
        self.caller.set(caller).is_ok()
    }

    /// Notes a sign of life.
    pub(crate) fn heard_at(&self, now: Instant) {
        let millis = now.saturating_duration_since(self.opened).as_millis();
        self.heard.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Gives it an event. Answers whether somebody has to flush it who does not know of it yet.
    pub(crate) fn push_event(&self, event: &Arc<Announcement>, weight: Weight, now: Instant) -> bool {
        let mut state = self.state.lock();
        let to_write = state.closing.is_none() && state.outbox.push_event(event, weight, now);
        to_write && !matches!(state.link, Link::None) && !std::mem::replace(&mut state.flush_pending, true)
    }

    /// Gives it a frame of its own and writes it.
    pub(crate) fn send(&self, frame: &ServerFrame) {
        self.send_bytes(encode(frame));
    }

    /// Gives it a ready frame and writes it.
    pub(crate) fn send_bytes(&self, frame: Vec<u8>) {
        let mut state = self.state.lock();
        if state.closing.is_none() && !matches!(state.link, Link::None) {
            state.outbox.push_frame(frame);
            state.flush();
        }
    }

    /// Writes what waits, if anybody may write, else wakes who may.
    pub(crate) fn flush(&self) {
        self.state.lock().flush();
    }

    /// Says goodbye and closes. What is queued is written before, unless it is urgent.
    pub(crate) fn close(&self, farewell: Option<&ServerFrame>, code: CloseCode, reason: &str, urgent: bool) {
        let mut state = self.state.lock();
        if state.closing.is_some() || matches!(state.link, Link::None) {
            return;
        }
        state.closing = Some((code, Instant::now()));
        let frames = match self.kind {
            Kind::Socket => {
                farewell.map(encode).into_iter().chain([close_frame(code as u16, reason)]).collect()
            }
            Kind::Stream => Vec::new(),
        };
        state.outbox.say_farewell(frames, urgent);
        state.flush();
        state.wake();
    }

    /// Lets the connection's task look at it, whatever it waits for.
    pub(crate) fn wake(&self) {
        self.state.lock().wake();
    }

    /// Works on the state under its lock.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock())
    }

    /// The socket of this generation is gone. Answers whether it was the newest one. Unless `keep`,
    /// nobody can continue the connection.
    pub(crate) fn detach(&self, generation: u32, keep: bool, now: Instant) -> bool {
        let mut state = self.state.lock();
        let newest = state.generation == generation;
        if newest {
            state.relink(Link::None);
            state.gone = !keep;
            state.detached_at = Some(now);
            state.outbox.keep_events_only();
        }
        newest
    }

    /// Continues it on another socket: events after the first `received` wait to be written again,
    /// behind a frame that `first` makes from the new generation and how many they are. Answers the
    /// generation; `None` if that cannot be exact, and then nobody can continue it any more.
    pub(crate) fn adopt(
        &self,
        link: Link,
        received: u64,
        first: impl FnOnce(u32, u64) -> Option<Vec<u8>>,
    ) -> Option<u32> {
        let mut state = self.state.lock();
        let replayed = if state.gone { None } else { state.outbox.rewind(received) };
        state.gone = replayed.is_none();
        let replayed = replayed?;
        state.generation += 1;
        state.wake();
        state.relink(link);
        state.active = true;
        if self.kind == Kind::Socket {
            state.outbox.restart_count();
        }
        if let Some(frame) = first(state.generation, replayed) {
            state.outbox.push_frame_first(frame);
        }
        Some(state.generation)
    }

    /// What a look at the clock says about it.
    pub(crate) fn overdue(&self, now: Instant, patience: &Patience) -> Option<Overdue> {
        let passed = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        let mut state = self.state.lock();
        if let Some(at) = state.detached_at {
            state.gone |= passed(at, patience.resume_within) || state.outbox.has_losses();
            return state.gone.then_some(Overdue::Forget);
        }
        if let Some((_, since)) = state.closing {
            state.abandoned = passed(since, FAREWELL);
            return state.abandoned.then_some(Overdue::Abandon);
        }
        let heard = self.opened + Duration::from_millis(self.heard.load(Ordering::Relaxed));
        let late = if state.outbox.full_since().is_some_and(|at| passed(at, patience.full_for)) {
            Some(CloseCode::TooSlow)
        } else if self.kind == Kind::Stream {
            None
        } else if self.caller.get().is_none() {
            passed(self.opened, patience.identify_within).then_some(CloseCode::NotIdentified)
        } else {
            passed(heard, patience.silence).then_some(CloseCode::TimedOut)
        };
        late.map(Overdue::Close)
    }

    /// Whether somebody is connected here, and in front of it.
    pub(crate) fn presence(&self) -> Option<bool> {
        let state = self.state.lock();
        (!matches!(state.link, Link::None)).then_some(state.active)
    }
}

impl State {
    fn new(link: Link) -> Self {
        Self {
            outbox: Outbox::default(),
            link,
            waker: None,
            blocked: false,
            flush_pending: false,
            generation: 0,
            closing: None,
            abandoned: false,
            gone: false,
            detached_at: None,
            active: true,
            focus: Box::default(),
            watching: Box::default(),
            open_requests: SmallVec::new(),
            last_typing: None,
        }
    }

    /// Goes on with another socket, or none. What belonged to the one before does not count any more.
    fn relink(&mut self, link: Link) {
        (self.link, self.waker, self.closing, self.detached_at) = (link, None, None, None);
        (self.blocked, self.flush_pending, self.abandoned) = (false, false, false);
        self.open_requests = SmallVec::new();
    }

    fn flush(&mut self) {
        self.flush_pending = false;
        match &self.link {
            Link::Direct(stream) if !self.blocked => {
                let write = |slices: &[IoSlice<'_>]| stream.try_write_vectored(slices);
                self.blocked = self.outbox.flush(write).unwrap_or(Flushed::Blocked) == Flushed::Blocked;
                if self.blocked || self.outbox.owes_news_of_loss() {
                    self.wake();
                }
            }
            Link::Direct(_) | Link::None => {}
            Link::Task => self.wake(),
        }
    }

    pub(crate) fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(crate) fn wake_me(&mut self, waker: &Waker) {
        if !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
    }

    /// The code it is closing with, if it is.
    pub(crate) fn closing(&self) -> Option<CloseCode> {
        self.closing.map(|(code, _)| code)
    }

    /// Whether the farewell took too long.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Whether its own task has to write.
    pub(crate) fn needs_its_task(&self) -> bool {
        self.blocked || matches!(self.link, Link::Task)
    }

    /// Takes an entry for an event stream.
    pub(crate) fn take_first(&mut self) -> Option<Taken> {
        self.flush_pending = false;
        self.outbox.take_first()
    }

    /// Takes note of a loss that is to be told now, if there is one.
    pub(crate) fn take_loss(&mut self) -> Option<Lost> {
        self.outbox.owes_news_of_loss().then(|| self.outbox.take_lost())
    }

    pub(crate) fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Takes a place for a request.
    pub(crate) fn open_request(&mut self, id: u64, most: usize) -> Result<(), RequestRefused> {
        if self.open_requests.contains(&id) {
            return Err(RequestRefused::SameId);
        }
        if self.open_requests.len() >= most {
            return Err(RequestRefused::TooMany);
        }
        self.open_requests.push(id);
        Ok(())
    }

    /// Gives the place back.
    pub(crate) fn close_request(&mut self, id: u64) {
        self.open_requests.retain(|open| *open != id);
    }

    /// Whether a typing hint may go out now: at most one a second.
    pub(crate) fn may_type(&mut self, now: Instant) -> bool {
        let may = self.last_typing.is_none_or(|last| now - last >= Duration::from_secs(1));
        if may {
            self.last_typing = Some(now);
        }
        may
    }
}

/// Why a request was not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestRefused {
    SameId,
    TooMany,
}
