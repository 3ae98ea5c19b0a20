//! A model of followers: two workers with the real plan and the real shares, logs that are written to, and everything
//! that may go wrong, at random. In the end what was derived is what the logs say, whatever happened. Each mutant
//! leaves one thing out and is found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::chat_shard;
use uuid::Uuid;

use super::{
    plan::{Key, Plan, Position},
    shares::share,
};

/// A thing that a wrong worker or store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutant {
    None,
    AdvancesBeforeTheEffect,
    NeverLooksThrough,
    PositionsFall,
    OlderVersionsWin,
    PassesByFromAnywhere,
    ForgetsWhatFailed,
    TakesShardsOfOthers,
}

const LEASE_S: i64 = 30;
const CHATS: usize = 4;
const STEPS: usize = 400;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Version {
    cseq: i64,
    mentions: bool,
}

#[derive(Default)]
struct Log {
    messages: Vec<Version>,
    changes: Vec<usize>,
}

impl Log {
    fn head(&self) -> Head {
        Head { seq: self.messages.len() as i64 - 1, cseq: self.changes.len() as i64 - 1 }
    }
}

#[derive(Default)]
struct Shared {
    logs: BTreeMap<ChatId, Log>,
    positions: HashMap<ChatId, Head>,
    derived: BTreeMap<(ChatId, usize), Version>,
    leases: HashMap<u16, (usize, Timestamp)>,
    here: BTreeMap<usize, Timestamp>,
    news: BTreeMap<ChatId, Head>,
    has_fallen: bool,
    had_two_owners: bool,
}

/// An attempt that has read, and has not done anything with it yet.
struct Attempt {
    key: Key,
    read: Vec<(usize, Version)>,
    reached: Head,
    is_at_end: bool,
}

#[derive(Default)]
struct Worker {
    plan: Plan,
    held: BTreeMap<u16, Timestamp>,
    new: BTreeSet<u16>,
    attempts: Vec<Attempt>,
}

struct World {
    dice: Dice,
    mutant: Mutant,
    now: Timestamp,
    shared: Shared,
    workers: [Worker; 2],
    /// Attempts of workers that crashed or lost their shard, which go on all the same.
    late: Vec<Attempt>,
    is_calm: bool,
}

fn chat(n: usize) -> ChatId {
    ChatId::from_uuid(Uuid::from_u128(n as u128 * 0x0100_0001 + 1))
}

fn id(worker: usize) -> Uuid {
    Uuid::from_u128(worker as u128 + 1)
}

impl World {
    fn new(seed: u64, mutant: Mutant) -> Self {
        let mut shared = Shared::default();
        shared.logs.extend((0..CHATS).map(|n| (chat(n), Log::default())));
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let (dice, workers) = (Dice(seed.wrapping_mul(0x9e37_79b9) + 1), Default::default());
        Self { dice, mutant, now, shared, workers, late: Vec::new(), is_calm: false }
    }

    /// Something is written, by the process of one of the workers.
    fn write(&mut self) {
        let (chat, by) = (chat(self.dice.below(CHATS as u64) as usize), self.dice.below(2) as usize);
        let (mentions, edits) = (self.dice.one_in(2), self.dice.one_in(3));
        let Some(log) = self.shared.logs.get_mut(&chat) else { return };
        let before = log.head();
        let cares = if edits && !log.messages.is_empty() {
            let seq = self.dice.below(log.messages.len() as u64) as usize;
            log.messages[seq] = Version { cseq: before.cseq + 1, mentions };
            log.changes.push(seq);
            true
        } else {
            log.messages.push(Version { cseq: before.cseq, mentions });
            mentions
        };
        let to = log.head();
        if self.dice.one_in(3) {
            return;
        }
        self.shared.news.insert(chat, to);
        if self.dice.one_in(3) || !self.workers[by].held.contains_key(&chat_shard(chat)) {
            return;
        }
        let (plan, key, now) = (&mut self.workers[by].plan, (0, chat), self.now);
        match cares {
            true => plan.heard(key, to, now),
            false if self.mutant == Mutant::PassesByFromAnywhere => plan.ended(key, to, true, now),
            false => plan.passed(key, before, to, now),
        }
    }

    fn tick(&mut self, n: usize) {
        self.take_shards(n);
        let over: Vec<u16> = self.workers[n]
            .held
            .iter()
            .filter(|(_, until)| **until <= self.now)
            .map(|(shard, _)| *shard)
            .collect();
        over.into_iter().for_each(|shard| self.lose(n, shard));
        let held: Vec<ChatId> = self.chats_of(n);
        for chat in held {
            if let Some(head) = self.shared.news.remove(&chat) {
                self.workers[n].plan.heard((0, chat), head, self.now);
            }
        }
        self.write_positions(n);
        self.look_through(n);
    }

    fn chats_of(&self, n: usize) -> Vec<ChatId> {
        let is_held = |chat: &ChatId| self.workers[n].held.contains_key(&chat_shard(*chat));
        self.shared.logs.keys().copied().filter(is_held).collect()
    }

    fn take_shards(&mut self, n: usize) {
        let (now, until) = (self.now, self.now.plus_seconds(LEASE_S));
        self.shared.here.retain(|_, until| *until > now);
        self.shared.here.insert(n, until);
        let workers: Vec<Uuid> = self.shared.here.keys().map(|n| id(*n)).collect();
        let wanted = share(id(n), &workers);
        let surplus: Vec<u16> =
            self.workers[n].held.keys().copied().filter(|shard| !wanted.contains(shard)).collect();
        self.write_positions(n);
        for shard in surplus {
            self.lose(n, shard);
            if self.shared.leases.get(&shard).is_some_and(|(owner, _)| *owner == n) {
                self.shared.leases.remove(&shard);
            }
        }
        for shard in wanted {
            let lease = self.shared.leases.get(&shard);
            let is_taken = lease.is_some_and(|(owner, until)| *owner != n && *until > now);
            if is_taken && self.mutant != Mutant::TakesShardsOfOthers {
                self.lose(n, shard);
                continue;
            }
            self.shared.had_two_owners |= is_taken;
            let is_new = lease.is_none_or(|(owner, _)| *owner != n);
            self.shared.leases.insert(shard, (n, until));
            if self.workers[n].held.insert(shard, until).is_none() || is_new {
                self.workers[n].new.insert(shard);
            }
        }
    }

    fn lose(&mut self, n: usize, shard: u16) {
        let worker = &mut self.workers[n];
        worker.held.remove(&shard);
        worker.new.remove(&shard);
        worker.plan.forget(shard);
    }

    fn write_positions(&mut self, n: usize) {
        let unwritten = self.workers[n].plan.take_unwritten();
        if !self.is_calm && self.dice.one_in(4) {
            self.workers[n].plan.keep_unwritten(&unwritten);
            return;
        }
        for ((_, chat), head) in unwritten {
            self.advance(chat, head);
        }
    }

    fn advance(&mut self, chat: ChatId, head: Head) {
        let position = self.shared.positions.entry(chat).or_insert(Head::EMPTY);
        let next = if self.mutant == Mutant::PositionsFall { head } else { position.max_of(head) };
        self.shared.has_fallen |= !next.covers(*position);
        *position = next;
    }

    fn look_through(&mut self, n: usize) {
        let everything = self.is_calm || self.dice.one_in(20);
        let new = std::mem::take(&mut self.workers[n].new);
        if self.mutant == Mutant::NeverLooksThrough {
            return;
        }
        for chat in self.chats_of(n) {
            let (head, position) = (self.shared.logs[&chat].head(), self.position(chat));
            if (everything || new.contains(&chat_shard(chat))) && !position.covers(head) {
                self.workers[n].plan.heard((0, chat), head, self.now);
            }
        }
    }

    fn position(&self, chat: ChatId) -> Head {
        self.shared.positions.get(&chat).copied().unwrap_or(Head::EMPTY)
    }

    /// Begins an attempt: reads, and what changed as it is now.
    fn begin(&mut self, n: usize) {
        if self.workers[n].attempts.len() == 2 {
            return;
        }
        let Some((key, from)) = self.workers[n].plan.next(self.now) else { return };
        let from = from.unwrap_or_else(|| self.position(key.1));
        let log = &self.shared.logs[&key.1];
        let first = (from.seq + 1) as usize;
        let messages = (first..log.messages.len()).take(3);
        let changes: Vec<usize> =
            log.changes.iter().copied().skip((from.cseq + 1) as usize).take(3).collect();
        let reached = Head { seq: from.seq + messages.len() as i64, cseq: from.cseq + changes.len() as i64 };
        let is_at_end = reached == log.head();
        let read = messages.chain(changes).map(|seq| (seq, log.messages[seq])).collect();
        if self.mutant == Mutant::AdvancesBeforeTheEffect {
            self.advance(key.1, reached);
        }
        self.workers[n].attempts.push(Attempt { key, read, reached, is_at_end });
    }

    fn finish(&mut self, n: usize) {
        let count = self.workers[n].attempts.len() as u64;
        if count == 0 {
            return;
        }
        let one = self.dice.below(count) as usize;
        let attempt = self.workers[n].attempts.swap_remove(one);
        if !self.is_calm && self.dice.one_in(4) {
            if self.mutant == Mutant::ForgetsWhatFailed {
                self.workers[n].plan.ended(attempt.key, attempt.reached, attempt.is_at_end, self.now);
            } else {
                self.workers[n].plan.failed(attempt.key, self.now);
            }
            return;
        }
        self.derive(&attempt);
        self.workers[n].plan.ended(attempt.key, attempt.reached, attempt.is_at_end, self.now);
    }

    fn derive(&mut self, attempt: &Attempt) {
        for (seq, version) in &attempt.read {
            let so_far = self.shared.derived.entry((attempt.key.1, *seq)).or_insert(*version);
            if version.cseq >= so_far.cseq || self.mutant == Mutant::OlderVersionsWin {
                *so_far = *version;
            }
        }
    }

    fn crash(&mut self, n: usize) {
        let gone = std::mem::take(&mut self.workers[n]);
        // What it had begun is lost, or done by it much later.
        self.late.extend(gone.attempts.into_iter().filter(|attempt| attempt.reached.seq % 2 == 0));
    }

    /// Somebody thought long dead does what it had begun.
    fn come_late(&mut self) {
        if let Some(attempt) = self.late.pop() {
            self.derive(&attempt);
            self.advance(attempt.key.1, attempt.reached);
        }
    }

    fn step(&mut self) {
        let n = self.dice.below(2) as usize;
        match self.dice.below(24) {
            0..=5 => self.write(),
            6..=9 => self.tick(n),
            10..=14 => self.begin(n),
            15..=19 => self.finish(n),
            20 => self.crash(n),
            21 => self.come_late(),
            22 => self.now = self.now.plus_seconds(self.dice.below(4) as i64),
            _ => self.now = self.now.plus_seconds(self.dice.below(40) as i64),
        }
    }

    /// Nothing goes wrong any more.
    fn calm_down(&mut self) {
        // A worker that never looks through everything only has what it hears.
        self.is_calm = true;
        while !self.late.is_empty() {
            self.come_late();
        }
        for _ in 0..60 {
            self.now = self.now.plus_seconds(10);
            for n in 0..2 {
                self.tick(n);
                for _ in 0..30 {
                    self.begin(n);
                    self.finish(n);
                }
            }
        }
    }

    fn verdict(&self) -> Result<(), String> {
        if self.shared.has_fallen {
            return Err("a position fell".to_owned());
        }
        if self.shared.had_two_owners {
            return Err("a shard had two owners".to_owned());
        }
        for (chat, log) in &self.shared.logs {
            if self.position(*chat) != log.head() {
                return Err(format!("{chat}: position {:?}, head {:?}", self.position(*chat), log.head()));
            }
            for (seq, message) in log.messages.iter().enumerate() {
                let derived = self.shared.derived.get(&(*chat, seq));
                if derived.is_some_and(|derived| derived.mentions) != message.mentions {
                    return Err(format!("{chat}/{seq}: {message:?}, derived {derived:?}"));
                }
            }
        }
        match self.workers.iter().map(|worker| worker.plan.lag(0, self.now).chats).sum::<usize>() {
            0 => Ok(()),
            behind => Err(format!("{behind} chats seem to be behind")),
        }
    }
}

fn run(seed: u64, mutant: Mutant) -> Result<(), String> {
    let mut world = World::new(seed, mutant);
    (0..STEPS).for_each(|_| world.step());
    world.calm_down();
    world.verdict().map_err(|wrong| format!("seed {seed}: {wrong}"))
}

const SEEDS: u64 = 500;

#[test]
fn whatever_happens_in_the_end_what_is_derived_is_what_the_logs_say() {
    for seed in 0..SEEDS {
        if let Err(wrong) = run(seed, Mutant::None) {
            panic!("{wrong}");
        }
    }
}

#[test]
fn every_mutant_is_found() {
    let mutants = [
        Mutant::AdvancesBeforeTheEffect,
        Mutant::NeverLooksThrough,
        Mutant::PositionsFall,
        Mutant::OlderVersionsWin,
        Mutant::PassesByFromAnywhere,
        Mutant::ForgetsWhatFailed,
        Mutant::TakesShardsOfOthers,
    ];
    for mutant in mutants {
        assert!((0..SEEDS).any(|seed| run(seed, mutant).is_err()), "{mutant:?} was not found");
    }
}
