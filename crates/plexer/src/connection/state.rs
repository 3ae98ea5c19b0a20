use std::{
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use petit_domain::{ChatId, UserId};
use petit_protocol::CloseCode;
use tokio::net::TcpStream;

use crate::{
    seldom::{Empty, Seldom},
    send_queue::{Flushed, Lost, SendQueue, Taken},
    wire::write,
};

/// What the bytes of a connection go through.
pub(crate) enum Link {
    /// There is no socket now.
    None,
    /// Anybody may write.
    Direct(Arc<TcpStream>),
    /// The connection's own task writes when it is woken.
    Task,
}

/// What one lock guards. Never held over an await.
pub(crate) struct State {
    pub(crate) send_queue: SendQueue,
    pub(super) link: Link,
    waker: Option<Waker>,
    /// How often the connection was resumed. Who holds an older number has been replaced.
    pub(crate) generation: u32,
    /// A write did not fit; the task waits until the socket takes more.
    pub(crate) blocked: bool,
    /// Somebody will flush it soon.
    pub(super) flush_pending: bool,
    pub(super) is_closing: bool,
    /// Its time for a farewell is over.
    pub(super) abandoned: bool,
    /// It cannot be continued any more.
    pub(super) gone: bool,
    pub(super) active: bool,
    /// Apart, so that a big fan-out touches little memory.
    rare: Seldom<Rare>,
}

/// What a connection at rest has not.
#[derive(Default, PartialEq)]
struct Rare {
    closing: Option<(CloseCode, Instant)>,
    detached_at: Option<Instant>,
    focus: Vec<ChatId>,
    watching: Vec<UserId>,
    open_requests: Vec<u64>,
    last_typing: Option<Instant>,
}

impl Empty for Rare {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl State {
    pub(super) fn new(link: Link) -> Self {
        Self {
            send_queue: SendQueue::default(),
            link,
            waker: None,
            generation: 0,
            blocked: false,
            flush_pending: false,
            is_closing: false,
            abandoned: false,
            gone: false,
            active: true,
            rare: Seldom::default(),
        }
    }

    /// Goes on with another socket, or none. What belonged to the one before does not count any more.
    pub(super) fn relink(&mut self, link: Link) {
        let gone = matches!(link, Link::None).then(Instant::now);
        (self.link, self.waker) = (link, None);
        (self.blocked, self.flush_pending, self.is_closing, self.abandoned) = (false, false, false, false);
        self.rare.change(|rare| {
            (rare.closing, rare.detached_at) = (None, gone);
            rare.open_requests = Vec::new();
        });
    }

    pub(super) fn flush(&mut self) {
        self.flush_pending = false;
        match &self.link {
            Link::Direct(stream) if !self.blocked => {
                let flushed = self.send_queue.flush(|slices| write(stream, slices));
                self.blocked = flushed.unwrap_or(Flushed::Blocked) == Flushed::Blocked;
                if self.blocked || self.send_queue.owes_news_of_loss() {
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
        if self.is_closing { self.closing_since().map(|(code, _)| code) } else { None }
    }

    pub(super) fn closing_since(&self) -> Option<(CloseCode, Instant)> {
        self.rare.get().and_then(|rare| rare.closing)
    }

    pub(super) fn begin_to_close(&mut self, code: CloseCode, now: Instant) {
        self.is_closing = true;
        self.rare.change(|rare| rare.closing = Some((code, now)));
    }

    /// Since when it has no socket.
    pub(super) fn detached_at(&self) -> Option<Instant> {
        self.rare.get().and_then(|rare| rare.detached_at)
    }

    /// The chats on the client's screen.
    pub(crate) fn focus(&self) -> Vec<ChatId> {
        self.rare.get().map(|rare| rare.focus.clone()).unwrap_or_default()
    }

    pub(crate) fn set_focus(&mut self, chats: Vec<ChatId>) {
        self.rare.change(|rare| rare.focus = chats);
    }

    /// The people whose presence it is sent.
    pub(crate) fn watching(&self) -> Vec<UserId> {
        self.rare.get().map(|rare| rare.watching.clone()).unwrap_or_default()
    }

    pub(crate) fn set_watching(&mut self, users: Vec<UserId>) {
        self.rare.change(|rare| rare.watching = users);
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
        self.send_queue.take_first()
    }

    /// Takes note of a loss that is to be told now, if there is one.
    pub(crate) fn take_loss(&mut self) -> Option<Lost> {
        self.send_queue.owes_news_of_loss().then(|| self.send_queue.take_lost())
    }

    pub(crate) fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Takes a place for a request.
    pub(crate) fn open_request(&mut self, id: u64, most: usize) -> Result<(), RequestRefused> {
        self.rare.change(|Rare { open_requests, .. }| {
            if open_requests.contains(&id) {
                return Err(RequestRefused::SameId);
            }
            if open_requests.len() >= most {
                return Err(RequestRefused::TooMany);
            }
            open_requests.push(id);
            Ok(())
        })
    }

    /// Gives the place back.
    pub(crate) fn close_request(&mut self, id: u64) {
        self.rare.change(|rare| rare.open_requests.retain(|open| *open != id));
    }

    /// Whether a request is being answered.
    pub(crate) fn waits_for_answers(&self) -> bool {
        self.rare.get().is_some_and(|rare| !rare.open_requests.is_empty())
    }

    /// Whether a typing hint may go out now: at most one a second.
    pub(crate) fn may_type(&mut self, now: Instant) -> bool {
        let last = self.rare.get().and_then(|rare| rare.last_typing);
        let may = last.is_none_or(|last| now - last >= Duration::from_secs(1));
        if may {
            self.rare.change(|rare| rare.last_typing = Some(now));
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
