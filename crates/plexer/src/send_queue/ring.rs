use std::{collections::VecDeque, sync::Arc};

use petit_ports::Announcement;

/// Most events that are kept for a resume, and bytes of them.
const EVENTS: usize = 512;
const BYTES: usize = 256 * 1024;

/// The newest events that were written and not acknowledged. Holds pointers; the bytes are shared
/// with every other connection that got them.
#[derive(Debug, Default)]
pub(super) struct Ring {
    events: VecDeque<Arc<Announcement>>,
    bytes: usize,
    /// How many events of the connection were forgotten.
    forgotten: u64,
}

impl Ring {
    pub(super) fn push(&mut self, event: Arc<Announcement>) {
        self.bytes += event.json().len();
        self.events.push_back(event);
        while self.events.len() > EVENTS || self.bytes > BYTES {
            self.forget_one();
        }
    }

    /// How many events were sent on this connection.
    pub(super) fn sent(&self) -> u64 {
        self.forgotten + self.events.len() as u64
    }

    pub(super) fn forget_until(&mut self, received: u64) {
        while self.forgotten < received && !self.events.is_empty() {
            self.forget_one();
        }
        if self.events.is_empty() && self.events.capacity() > 16 {
            self.events = VecDeque::new();
        }
    }

    /// Takes out everything after the first `received` events; `None` if some of it is gone, or so
    /// many were never sent.
    pub(super) fn take_after(&mut self, received: u64) -> Option<VecDeque<Arc<Announcement>>> {
        if received < self.forgotten || received > self.sent() {
            return None;
        }
        self.forget_until(received);
        self.bytes = 0;
        Some(std::mem::take(&mut self.events))
    }

    pub(super) fn restart_count(&mut self) {
        self.forgotten = 0;
    }

    fn forget_one(&mut self) {
        if let Some(event) = self.events.pop_front() {
            self.bytes -= event.json().len();
            self.forgotten += 1;
        }
    }
}
