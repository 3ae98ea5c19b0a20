use std::{
    io::IoSlice,
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use petit_domain::{ChatId, UserId};
use petit_protocol::CloseCode;
use smallvec::SmallVec;
use tokio::net::TcpStream;

use crate::outbox::{Flushed, Lost, Outbox, Taken};

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
    pub(crate) outbox: Outbox,
    pub(super) link: Link,
    waker: Option<Waker>,
    /// A write did not fit; the task waits until the socket takes more.
    pub(crate) blocked: bool,
    /// Somebody will flush it soon.
    pub(super) flush_pending: bool,
    /// How often the connection was resumed. Who holds an older number has been replaced.
    pub(crate) generation: u32,
    pub(super) closing: Option<(CloseCode, Instant)>,
    /// Its time for a farewell is over.
    pub(super) abandoned: bool,
    /// It cannot be continued any more.
    pub(super) gone: bool,
    pub(super) detached_at: Option<Instant>,
    pub(super) active: bool,
    pub(crate) focus: Box<[ChatId]>,
    pub(crate) watching: Box<[UserId]>,
    open_requests: SmallVec<[u64; 2]>,
    last_typing: Option<Instant>,
}

impl State {
    pub(super) fn new(link: Link) -> Self {
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
    pub(super) fn relink(&mut self, link: Link) {
        (self.link, self.waker, self.closing, self.detached_at) = (link, None, None, None);
        (self.blocked, self.flush_pending, self.abandoned) = (false, false, false);
        self.open_requests = SmallVec::new();
    }

    pub(super) fn flush(&mut self) {
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
