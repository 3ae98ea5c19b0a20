//! A connection as the rest of the plexer knows it: what waits for it and who it is. It outlives
//! its socket by a minute, so that a broken one can go on.

mod overdue;
mod state;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use parking_lot::Mutex;
use petit_app::Caller;
use petit_domain::Weight;
use petit_ports::Announcement;
use petit_protocol::{CloseCode, ServerFrame};

pub(crate) use self::{
    overdue::{Overdue, Patience},
    state::{Link, RequestRefused, State},
};
use crate::{frames::encode, websocket::close_frame};

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
        let to_write = !state.is_closing && state.send_queue.push_event(event, weight, now);
        to_write && !matches!(state.link, Link::None) && !std::mem::replace(&mut state.flush_pending, true)
    }

    /// Gives it a frame of its own and writes it.
    pub(crate) fn send(&self, frame: &ServerFrame) {
        self.send_bytes(encode(frame));
    }

    /// Gives it a ready frame and writes it.
    pub(crate) fn send_bytes(&self, frame: Vec<u8>) {
        let generation = self.with(|state| state.generation);
        self.answer(generation, frame);
    }

    /// Gives it an answer to what was asked over the socket of this generation, if that is still the one.
    pub(crate) fn answer(&self, generation: u32, frame: Vec<u8>) {
        let mut state = self.state.lock();
        if state.generation == generation && !state.is_closing && !matches!(state.link, Link::None) {
            state.send_queue.push_frame(frame);
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
        if state.is_closing || matches!(state.link, Link::None) {
            return;
        }
        state.begin_to_close(code, Instant::now());
        let frames = match self.kind {
            Kind::Socket => {
                farewell.map(encode).into_iter().chain([close_frame(code as u16, reason)]).collect()
            }
            Kind::Stream => Vec::new(),
        };
        state.send_queue.say_farewell(frames, urgent);
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
    pub(crate) fn detach(&self, generation: u32, keep: bool) -> bool {
        let mut state = self.state.lock();
        let newest = state.generation == generation;
        if newest {
            state.relink(Link::None);
            state.gone = !keep;
            state.send_queue.keep_events_only();
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
        self.heard_at(Instant::now());
        let replayed = if state.gone { None } else { state.send_queue.rewind(received) };
        state.gone = replayed.is_none();
        let replayed = replayed?;
        state.generation += 1;
        state.wake();
        state.relink(link);
        state.active = true;
        if self.kind == Kind::Socket {
            state.send_queue.restart_count();
        }
        if let Some(frame) = first(state.generation, replayed) {
            state.send_queue.push_frame_first(frame);
        }
        Some(state.generation)
    }

    /// Whether somebody is connected here, and in front of it.
    pub(crate) fn presence(&self) -> Option<bool> {
        let state = self.state.lock();
        (!matches!(state.link, Link::None)).then_some(state.active)
    }
}
