//! What waits to be written to one connection, and what was written but not acknowledged. No I/O.

mod lost;
mod ring;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    sync::Arc,
    time::Instant,
};

use petit_domain::{ChatId, Weight};
use petit_ports::Announcement;
use smallvec::SmallVec;

pub(crate) use lost::Lost;
use ring::Ring;

use crate::{
    frames::event_frame,
    seldom::{Empty, Seldom},
};

/// Most events, and bytes of events, that may wait.
const EVENTS: usize = 512;
const EVENT_BYTES: usize = 1024 * 1024;
/// From this many waiting answers, or bytes of them, nothing more is read from the client.
const ANSWERS: usize = 64;
const ANSWER_BYTES: usize = 256 * 1024;
/// How many frames one system call takes at most.
const SLICES: usize = 64;

/// Something that waits to be written. Two words: an idle connection has none, a busy one many.
#[derive(Debug)]
pub(crate) enum Entry {
    Event(Arc<Announcement>),
    Frame(Box<[u8]>),
}

impl Entry {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Event(event) => event_frame(event),
            Self::Frame(bytes) => bytes,
        }
    }
}

/// An entry that left the queue.
#[derive(Debug)]
pub(crate) enum Taken {
    /// With the number of events the client has once it has this one.
    Event(u64, Arc<Announcement>),
    Frame(Box<[u8]>),
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flushed {
    Done,
    Blocked,
}

/// The queue of one connection and its memory of what was sent.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    queue: VecDeque<Entry>,
    /// How many bytes of the first entry are written already.
    offset: usize,
    event_bytes: usize,
    answers: usize,
    answer_bytes: usize,
    ring: Ring,
    /// What most connections never have, apart, so that a big fan-out touches little memory.
    trouble: Seldom<Trouble>,
}

#[derive(Debug, Default)]
struct Trouble {
    /// Live events that wait until the replay is through.
    held: Option<Vec<Arc<Announcement>>>,
    lost: Lost,
    full_since: Option<Instant>,
    /// Once the farewell is said: how many entries are still to be written.
    last: Option<usize>,
}

impl Empty for Trouble {
    fn is_empty(&self) -> bool {
        self.held.is_none() && self.lost == Lost::Nothing && self.full_since.is_none() && self.last.is_none()
    }
}

impl SendQueue {
    /// Takes an event, unless there is too much already. Answers whether there is something to write now.
    pub(crate) fn push_event(&mut self, event: &Arc<Announcement>, weight: Weight, now: Instant) -> bool {
        if self.refuses(event, weight, now) {
            return false;
        }
        if self.is_holding() {
            self.trouble.change(|trouble| trouble.held.get_or_insert_default().push(event.clone()));
            return false;
        }
        self.enqueue(event.clone());
        true
    }

    /// Takes an event of a replay, whose sender waits for room by itself.
    pub(crate) fn push_replayed(&mut self, event: Arc<Announcement>) {
        self.enqueue(event);
    }

    /// Takes an answer or a frame of the connection itself.
    pub(crate) fn push_frame(&mut self, frame: Vec<u8>) {
        self.count_answer(&frame);
        self.queue.push_back(Entry::Frame(frame.into_boxed_slice()));
    }

    /// Takes the last frames of the connection: nothing is written after them. An urgent farewell
    /// does not wait for what is queued; the events among that can still be resumed.
    pub(crate) fn say_farewell(&mut self, frames: Vec<Vec<u8>>, urgent: bool) {
        let at = if urgent { usize::from(self.offset > 0) } else { self.queue.len() };
        self.trouble.change(|trouble| trouble.last = Some(at + frames.len()));
        for frame in frames.into_iter().rev() {
            self.count_answer(&frame);
            self.queue.insert(at, Entry::Frame(frame.into_boxed_slice()));
        }
    }

    /// From now on live events wait, until [`Self::go_live`].
    pub(crate) fn hold(&mut self) {
        self.trouble.change(|trouble| {
            trouble.held.get_or_insert_default();
        });
    }

    /// Lets the events through that waited for the replay.
    pub(crate) fn go_live(&mut self) {
        let held = self.trouble.change(|trouble| trouble.held.take());
        held.into_iter().flatten().for_each(|event| self.enqueue(event));
    }

    fn enqueue(&mut self, event: Arc<Announcement>) {
        self.event_bytes += event.json().len();
        self.queue.push_back(Entry::Event(event));
    }

    fn count_answer(&mut self, frame: &[u8]) {
        self.answers += 1;
        self.answer_bytes += frame.len();
    }

    /// Whether an event cannot be taken; remembers what that costs the client. Hints are skipped above half;
    /// above four fifths a chat is remembered as dirty instead of its events.
    fn refuses(&mut self, event: &Announcement, weight: Weight, now: Instant) -> bool {
        let tenths = self.tenths_full(self.held());
        match (weight, event.envelope().chat) {
            (Weight::Hint, _) => tenths >= 5,
            (Weight::Chat, Some(chat)) if tenths >= 8 || self.has_lost(chat) => {
                self.mark_dirty(chat, now);
                true
            }
            _ if tenths >= 10 => {
                self.trouble.change(|trouble| {
                    trouble.lost.everything();
                    trouble.full_since.get_or_insert(now);
                });
                true
            }
            _ => false,
        }
    }

    fn tenths_full(&self, held: usize) -> usize {
        let waiting = self.queue.len() - self.answers + held;
        (waiting * 10 / EVENTS).max(self.event_bytes * 10 / EVENT_BYTES)
    }

    /// Whether less than half of the room is taken, not counting what is held back.
    pub(crate) fn has_room(&self) -> bool {
        self.tenths_full(0) < 5
    }

    /// Whether the client has to take answers before it may ask more.
    pub(crate) fn is_clogged(&self) -> bool {
        self.answers >= ANSWERS || self.answer_bytes >= ANSWER_BYTES
    }

    /// Whether everything is written that is going to be.
    pub(crate) fn is_drained(&self) -> bool {
        self.queue.is_empty() || self.last() == Some(0)
    }

    /// Since when events have been lost for want of room.
    pub(crate) fn full_since(&self) -> Option<Instant> {
        self.trouble.get().and_then(|trouble| trouble.full_since)
    }

    /// Remembers that events of a chat are missing.
    pub(crate) fn mark_dirty(&mut self, chat: ChatId, now: Instant) {
        self.trouble.change(|trouble| {
            trouble.lost.chat(chat);
            trouble.full_since.get_or_insert(now);
        });
    }

    /// Whether events were lost that the client has not been told of.
    pub(crate) fn has_losses(&self) -> bool {
        self.trouble.get().is_some_and(|trouble| trouble.lost != Lost::Nothing)
    }

    /// Whether there are losses to be told and there is room to tell them.
    pub(crate) fn owes_news_of_loss(&self) -> bool {
        self.has_losses() && !self.is_holding() && self.has_room()
    }

    /// What was lost. From now on events of these chats are taken again.
    pub(crate) fn take_lost(&mut self) -> Lost {
        self.trouble.change(|trouble| {
            trouble.full_since = None;
            std::mem::take(&mut trouble.lost)
        })
    }

    fn is_holding(&self) -> bool {
        self.trouble.get().is_some_and(|trouble| trouble.held.is_some())
    }

    /// How many events are held back.
    fn held(&self) -> usize {
        self.trouble.get().and_then(|trouble| trouble.held.as_ref()).map_or(0, Vec::len)
    }

    fn has_lost(&self, chat: ChatId) -> bool {
        self.trouble.get().is_some_and(|trouble| trouble.lost.has(chat))
    }

    fn last(&self) -> Option<usize> {
        self.trouble.get().and_then(|trouble| trouble.last)
    }

    /// Writes what waits, as much as `write` takes, many frames in one call.
    pub(crate) fn flush(
        &mut self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<Flushed> {
        while !self.is_drained() {
            let written = write(&self.slices());
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Flushed::Blocked),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.give_back_memory();
        Ok(Flushed::Done)
    }

    fn slices(&self) -> SmallVec<[IoSlice<'_>; 4]> {
        let count = self.last().unwrap_or(SLICES).min(SLICES);
        let offsets = std::iter::once(self.offset).chain(std::iter::repeat(0));
        let entries = self.queue.iter().take(count).zip(offsets);
        entries.map(|(entry, offset)| IoSlice::new(&entry.bytes()[offset..])).collect()
    }

    fn advance(&mut self, count: usize) {
        self.offset += count;
        while let Some(length) = self.queue.front().map(|entry| entry.bytes().len()) {
            if self.offset < length {
                return;
            }
            self.offset -= length;
            self.take_first();
        }
    }

    /// Takes the first entry out; an event is in the ring from then on. Answers the event with the
    /// number of events the client has with it, or the frame.
    pub(crate) fn take_first(&mut self) -> Option<Taken> {
        if let Some(left) = self.last() {
            self.trouble.change(|trouble| trouble.last = Some(left.saturating_sub(1)));
        }
        match self.queue.pop_front()? {
            Entry::Event(event) => {
                self.event_bytes -= event.json().len();
                self.ring.push(event.clone());
                Some(Taken::Event(self.ring.sent(), event))
            }
            Entry::Frame(bytes) => {
                self.answers -= 1;
                self.answer_bytes -= bytes.len();
                Some(Taken::Frame(bytes))
            }
        }
    }

    /// An idle connection keeps no big buffer because it was busy once.
    fn give_back_memory(&mut self) {
        if self.queue.is_empty() && self.queue.capacity() > 16 {
            self.queue = VecDeque::new();
        }
    }

    /// The client has this many events of the connection: forget them.
    pub(crate) fn acknowledge(&mut self, received: u64) {
        self.ring.forget_until(received);
    }

    /// Puts back what the client did not get, so that exactly that is written again. Hints are not
    /// repeated. Answers how many events wait now; `None` if some of them are gone.
    pub(crate) fn rewind(&mut self, received: u64) -> Option<u64> {
        let missed = self.ring.take_after(received)?;
        self.keep_events_only();
        let waiting = std::mem::take(&mut self.queue).into_iter().filter_map(|entry| match entry {
            Entry::Event(event) => Some(event),
            Entry::Frame(_) => None,
        });
        let events: Vec<_> = missed
            .into_iter()
            .chain(waiting)
            .filter(|event| event.envelope().weight != Weight::Hint)
            .collect();
        self.event_bytes = 0;
        events.into_iter().for_each(|event| self.enqueue(event));
        Some(self.queue.len() as u64)
    }

    /// The client counts events from zero again.
    pub(crate) fn restart_count(&mut self) {
        self.ring.restart_count();
    }

    /// Puts a frame before everything else.
    pub(crate) fn push_frame_first(&mut self, frame: Vec<u8>) {
        self.count_answer(&frame);
        self.queue.push_front(Entry::Frame(frame.into_boxed_slice()));
    }

    /// Forgets what is of no use without a socket: answers, and how far a write had come.
    pub(crate) fn keep_events_only(&mut self) {
        self.queue.retain(|entry| matches!(entry, Entry::Event(_)));
        (self.offset, self.answers, self.answer_bytes) = (0, 0, 0);
        if self.last().is_some() {
            self.trouble.change(|trouble| trouble.last = None);
        }
    }
}
