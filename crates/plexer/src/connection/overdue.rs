use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use petit_protocol::CloseCode;

use super::{Connection, Kind};

/// How long a closing connection gets to take its last frames.
const FAREWELL: Duration = Duration::from_secs(5);

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
    /// What a look at the clock says about it.
    pub(crate) fn overdue(&self, now: Instant, patience: &Patience) -> Option<Overdue> {
        let passed = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        let mut state = self.state.lock();
        if let Some(at) = state.detached_at() {
            state.gone |= passed(at, patience.resume_within) || state.send_queue.has_losses();
            return state.gone.then_some(Overdue::Forget);
        }
        if let Some((_, since)) = state.closing_since() {
            state.abandoned = passed(since, FAREWELL);
            return state.abandoned.then_some(Overdue::Abandon);
        }
        let heard = self.opened + Duration::from_millis(self.heard.load(Ordering::Relaxed));
        let late = if state.send_queue.full_since().is_some_and(|at| passed(at, patience.full_for)) {
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
}
