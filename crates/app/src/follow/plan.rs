//! Which chats are followed next. Pure: told what was heard, how attempts ended and what time it is.

use std::collections::{BTreeSet, HashMap, HashSet};

use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::chat_shard;

/// A follower, by its place among all of them, and a chat that it follows.
pub(super) type Key = (usize, ChatId);

/// How long a chat is left alone after a first failure; twice as long after each further one.
const FIRST_PAUSE_MS: i64 = 500;
const LONGEST_PAUSE_MS: i64 = 60_000;
/// When this many chats are known, those with nothing to do are forgotten: a bound, not a policy.
const REMEMBERED: usize = 50_000;

/// How far a follower is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Chats in which it has not come to the newest entry that was heard of.
    pub chats: usize,
    /// For how many seconds the oldest of them has waited.
    pub oldest_s: u64,
}

#[derive(Clone, Copy)]
struct State {
    /// Up to there everything is done; not known before the position was read.
    reached: Option<Head>,
    /// The newest numbers that were heard of.
    heard: Head,
    /// Since when it is behind.
    since: Timestamp,
    due: Option<Timestamp>,
    failures: u32,
    /// What was heard of when the attempt began that is under way.
    running: Option<Head>,
}

/// Chats to be followed, each by itself: one that fails waits alone.
#[derive(Default)]
pub(super) struct Plan {
    states: HashMap<Key, State>,
    due: BTreeSet<(Timestamp, Key)>,
    unwritten: HashSet<Key>,
}

impl Plan {
    /// A log has reached these numbers, as far as somebody knows.
    pub(super) fn heard(&mut self, key: Key, head: Head, now: Timestamp) {
        let state = self.state(key, now);
        if state.is_done() {
            state.since = now;
        }
        state.heard = state.heard.max_of(head);
        self.schedule(key, now);
    }

    /// What was written between two heads is nothing to the follower. Where it stands at the first, it may go on to
    /// the second without reading.
    pub(super) fn passed(&mut self, key: Key, before: Head, to: Head, now: Timestamp) {
        let state = self.state(key, now);
        if state.running.is_none() && state.is_done() && state.reached == Some(before) {
            (state.reached, state.heard) = (Some(to), to);
            self.unwritten.insert(key);
            return;
        }
        self.heard(key, to, now);
    }

    /// What to do now, and from where if that is known. It has to be told how it ended.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<(Key, Option<Head>)> {
        let &(at, key) = self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.remove(&(at, key));
        let state = self.states.get_mut(&key)?;
        state.due = None;
        state.running = Some(state.heard);
        Some((key, state.reached))
    }

    /// An attempt did everything up to `reached`, which is all there was if it is at the end.
    pub(super) fn ended(&mut self, key: Key, reached: Head, is_at_end: bool, now: Timestamp) {
        let Some(state) = self.states.get_mut(&key) else { return };
        let heard_before = state.running.take();
        let reached = state.reached.map_or(reached, |before| before.max_of(reached));
        state.reached = Some(reached);
        state.failures = 0;
        if is_at_end && heard_before == Some(state.heard) {
            // Whoever spoke of more was wrong.
            state.heard = reached;
        }
        self.unwritten.insert(key);
        self.schedule(key, now);
    }

    /// An attempt failed. The chat is tried again after a pause.
    pub(super) fn failed(&mut self, key: Key, now: Timestamp) {
        let Some(state) = self.states.get_mut(&key) else { return };
        state.running = None;
        let pause = (FIRST_PAUSE_MS << state.failures.min(16)).min(LONGEST_PAUSE_MS);
        state.failures += 1;
        self.schedule(key, Timestamp::from_micros(now.micros() + pause * 1_000));
    }

    /// Positions that are not written yet, to be written now.
    pub(super) fn take_unwritten(&mut self) -> Vec<(Key, Head)> {
        let reached =
            |key: Key| self.states.get(&key).and_then(|state| state.reached).map(|head| (key, head));
        let unwritten = self.unwritten.drain().filter_map(reached).collect();
        if self.states.len() > REMEMBERED {
            self.states.retain(|_, state| state.running.is_some() || !state.is_done());
        }
        unwritten
    }

    /// They could not be written.
    pub(super) fn keep_unwritten(&mut self, positions: &[(Key, Head)]) {
        self.unwritten
            .extend(positions.iter().map(|(key, _)| *key).filter(|key| self.states.contains_key(key)));
    }

    /// Another worker follows the chats of this shard from now on.
    pub(super) fn forget(&mut self, shard: u16) {
        let is_lost = |key: &Key| chat_shard(key.1) == shard;
        self.states.retain(|key, _| !is_lost(key));
        self.due.retain(|(_, key)| !is_lost(key));
        self.unwritten.retain(|key| !is_lost(key));
    }

    /// How far a follower is behind.
    pub(super) fn lag(&self, follower: usize, now: Timestamp) -> Lag {
        let behind = self.states.iter().filter(|((of, _), state)| *of == follower && !state.is_done());
        behind.fold(Lag::default(), |lag, (_, state)| {
            let waited = u64::try_from((now.micros() - state.since.micros()) / 1_000_000).unwrap_or(0);
            Lag { chats: lag.chats + 1, oldest_s: lag.oldest_s.max(waited) }
        })
    }

    fn state(&mut self, key: Key, now: Timestamp) -> &mut State {
        let (reached, running) = (None, None);
        let new = State { reached, heard: Head::EMPTY, since: now, due: None, failures: 0, running };
        self.states.entry(key).or_insert(new)
    }

    /// Waits for its turn at `at`, unless it waits, is under way, or has nothing to do.
    fn schedule(&mut self, key: Key, at: Timestamp) {
        let Some(state) = self.states.get_mut(&key) else { return };
        if state.due.is_none() && state.running.is_none() && !state.is_done() {
            state.due = Some(at);
            self.due.insert((at, key));
        }
    }
}

impl State {
    fn is_done(&self) -> bool {
        match self.reached {
            Some(reached) => reached.covers(self.heard),
            None => self.heard == Head::EMPTY,
        }
    }
}

/// Heads as positions: two numbers that rise each by itself.
pub(super) trait Position: Copy {
    fn max_of(self, other: Self) -> Self;
    fn covers(self, other: Self) -> bool;
}

impl Position for Head {
    fn max_of(self, other: Self) -> Self {
        Self { seq: self.seq.max(other.seq), cseq: self.cseq.max(other.cseq) }
    }

    fn covers(self, other: Self) -> bool {
        self.seq >= other.seq && self.cseq >= other.cseq
    }
}
