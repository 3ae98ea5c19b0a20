//! What a worker knows of a shard it holds, and which part of it to look at next. No clock and no store in it.

use std::collections::{BTreeMap, btree_map::Entry};

use petit_domain::{TimerId, Timestamp};
use petit_ports::{Timer, TimerPosition};

/// How far back is looked, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How much of what was just seen is looked at again each time.
    pub near_s: i64,
    /// How far below the watermark a look back begins: what is put so much late, or by a clock so slow, is found.
    pub back_s: i64,
    /// How often it is looked back. 0 means that each look begins where the shard was taken.
    pub back_every_s: i64,
}

impl Rules {
    /// For a store that several workers and many clocks share.
    pub const SHARED: Self = Self { near_s: 2, back_s: 120, back_every_s: 10 };
    /// For a store where what is done is gone: every look begins at the beginning.
    pub const ALONE: Self = Self { near_s: 0, back_s: 120, back_every_s: 0 };
}

/// How long a timer that could not be fired waits, doubled each time up to the most.
const AGAIN_S: i64 = 1;
const AGAIN_AT_MOST_S: i64 = 60;

/// One look over a part of a shard, page by page.
#[derive(Debug)]
pub(crate) struct Look {
    /// Where the next page begins.
    pub after: TimerPosition,
    /// What is due then.
    pub until: Timestamp,
    is_back: bool,
    unknown: Option<Timestamp>,
}

/// A timer that was found and is not done.
#[derive(Debug)]
struct Open {
    timer: Timer,
    tries: u32,
    /// When it is tried again; `None` while somebody is at it.
    again_at: Option<Timestamp>,
}

/// What is known of one shard. Begins anew whenever the shard is taken.
#[derive(Debug)]
pub(crate) struct Plan {
    rules: Rules,
    /// As it was when the shard was taken: it never falls below that.
    floor: Timestamp,
    /// Everything up to here was looked at.
    seen: Timestamp,
    looked_back_at: Option<Timestamp>,
    open: BTreeMap<TimerPosition, Open>,
    /// The due time of the oldest timer of a kind that is not known here.
    unknown: Option<Timestamp>,
}

impl Plan {
    pub(crate) const fn taken(watermark: Timestamp, rules: Rules) -> Self {
        Self {
            rules,
            floor: watermark,
            seen: watermark,
            looked_back_at: None,
            open: BTreeMap::new(),
            unknown: None,
        }
    }

    /// What is to be looked at now: mostly what became due since, now and then from below the watermark.
    pub(crate) fn look(&self, now: Timestamp) -> Look {
        let is_over = |at: Timestamp| {
            now < at || now.micros() - at.micros() >= self.rules.back_every_s.saturating_mul(1_000_000)
        };
        let is_back = self.looked_back_at.is_none_or(is_over);
        let (base, depth_s) = match is_back {
            _ if self.rules.back_every_s == 0 => (self.floor, self.rules.back_s),
            true => (self.watermark(), self.rules.back_s),
            false => (self.seen, self.rules.near_s),
        };
        // A clock that was set back: what is put by it is due before what was seen.
        let from = base.min(now).plus_seconds(-depth_s);
        Look { after: (from, TimerId::from_uuid(uuid::Uuid::nil())), until: now, is_back, unknown: None }
    }

    /// Takes in a page of a look. Answers what is to be fired; of what is not known here only the time is kept.
    pub(crate) fn take(
        &mut self,
        look: &mut Look,
        page: Vec<Timer>,
        knows: impl Fn(&str) -> bool,
    ) -> Vec<Timer> {
        let mut new = Vec::new();
        for timer in page {
            let position = timer.position();
            look.after = look.after.max(position);
            if !knows(&timer.kind) {
                look.unknown = Some(look.unknown.map_or(timer.due, |oldest| oldest.min(timer.due)));
            } else if let Entry::Vacant(place) = self.open.entry(position) {
                place.insert(Open { timer: timer.clone(), tries: 0, again_at: None });
                new.push(timer);
            }
        }
        new
    }

    /// All pages of a look were taken in.
    pub(crate) fn complete(&mut self, look: &Look) {
        self.seen = self.seen.max(look.until);
        if look.is_back {
            self.looked_back_at = Some(look.until);
            self.unknown = look.unknown;
        } else {
            self.unknown = self.unknown.into_iter().chain(look.unknown).min();
        }
    }

    /// The timer has happened, and the store knows it.
    pub(crate) fn done(&mut self, position: TimerPosition) {
        self.open.remove(&position);
    }

    /// The timer has not happened, or nobody knows whether it has.
    pub(crate) fn failed(&mut self, position: TimerPosition, now: Timestamp) {
        if let Some(open) = self.open.get_mut(&position) {
            let wait = AGAIN_S.saturating_mul(1_i64 << open.tries.min(10)).min(AGAIN_AT_MOST_S);
            open.tries += 1;
            open.again_at = Some(now.plus_seconds(wait));
        }
    }

    /// What failed and is to be tried again now.
    pub(crate) fn again(&mut self, now: Timestamp) -> Vec<Timer> {
        let over = |open: &&mut Open| open.again_at.is_some_and(|at| at <= now);
        let again = self.open.values_mut().filter(over).map(|open| {
            open.again_at = None;
            open.timer.clone()
        });
        again.collect()
    }

    /// When the next one is to be tried again.
    pub(crate) fn next_try(&self) -> Option<Timestamp> {
        self.open.values().filter_map(|open| open.again_at).min()
    }

    /// Up to here all that was put in time is done. Never passes what failed or is not known.
    pub(crate) fn watermark(&self) -> Timestamp {
        let oldest = self.open.keys().next().map(|(due, _)| *due);
        let unfinished = oldest.into_iter().chain(self.unknown).min();
        let up_to =
            unfinished.map_or(self.seen, |due| Timestamp::from_micros(due.micros() - 1).min(self.seen));
        up_to.max(self.floor)
    }

    /// How many are past their time, of those that are known here.
    pub(crate) fn waiting(&self) -> usize {
        self.open.len()
    }
}
