//! Two workers on one shard of a made-up store: they crash between any two steps, stop for longer than their
//! lease, and have clocks that differ; timers are put late and by slow clocks; effects fail or nobody hears
//! that they did not; one worker does not know every kind until it is upgraded. What must hold: every timer
//! fires, its effect is there once, none fires early, and without trouble none fires twice.
//!
//! And the same with one guard taken away at a time, which must break it: a test of the test.

use std::collections::{BTreeMap, HashMap, VecDeque};

use petit_domain::{TimerId, Timestamp};
use petit_ports::{Shard, Timer, TimerPosition};
use serde_json::Value;
use uuid::Uuid;

use super::plan::{Look, Plan, Rules};

const SECOND: i64 = 1_000_000;
const START: i64 = 1_700_000_000 * SECOND;
/// How long there is trouble, and how long there is none afterwards.
const TROUBLE: i64 = 400 * SECOND;
const QUIET: i64 = 150 * SECOND;
const LEASE: i64 = 15 * SECOND;
const RENEW: i64 = 5 * SECOND;
const TRUSTED: i64 = 12 * SECOND;
const SKEW: i64 = 2 * SECOND;
const PAGE: usize = 3;
const PROBES: u64 = 12;

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutant {
    /// Nothing.
    None,
    /// Nobody looks below the watermark.
    NoLookBack,
    /// The watermark passes timers of kinds that are not known.
    PastUnknown,
    /// A timer is marked as done before its effect.
    DoneBeforeEffect,
    /// A shard is held on to without asking whether somebody else took it over.
    NoFencing,
    /// A full page counts as the last one.
    CutPage,
    /// What an effect makes has no name of its own.
    NoNames,
}

/// SplitMix64: the same game for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.unsigned_abs()) as i64
    }

    fn chance(&mut self, thousandths: i64) -> bool {
        self.below(1_000) < thousandths
    }
}

/// A lease as the store has it.
#[derive(Clone, Copy, Default)]
struct Row {
    owner: Option<usize>,
    epoch: i64,
    until: i64,
    watermark: i64,
}

#[derive(Default)]
struct Store {
    timers: BTreeMap<TimerPosition, (Timer, bool)>,
    lease: Row,
}

impl Store {
    fn due(&self, look: &Look) -> Vec<Timer> {
        let after = (std::ops::Bound::Excluded(look.after), std::ops::Bound::Unbounded);
        let open = self.timers.range(after).filter(|((due, _), (_, is_done))| *due <= look.until && !is_done);
        open.map(|(_, (timer, _))| timer.clone()).take(PAGE).collect()
    }
}

/// One thing a worker does; between two of them anything may happen.
enum Step {
    Hold,
    Read(Look),
    Fire(Timer),
    Done(Timer),
    Effect(Timer),
    Complete(Look),
}

struct Held {
    epoch: i64,
    renewed: i64,
    plan: Plan,
}

struct Worker {
    skew: i64,
    knows_newer: bool,
    steps: VecDeque<Step>,
    held: Option<Held>,
    /// Crashed or stopped until then.
    away_until: i64,
    next_look: i64,
}

struct Game {
    mutant: Mutant,
    dice: Dice,
    now: i64,
    store: Store,
    workers: Vec<Worker>,
    put: Vec<Timer>,
    /// How often the effect of each timer is there.
    effects: HashMap<TimerId, u32>,
    fired: HashMap<TimerId, u32>,
    broken: Vec<String>,
}

impl Game {
    fn new(mutant: Mutant, seed: u64) -> Self {
        let worker = |skew, knows_newer| Worker {
            skew,
            knows_newer,
            steps: VecDeque::new(),
            held: None,
            away_until: 0,
            next_look: 0,
        };
        let mut dice = Dice(seed);
        let skews = [dice.below(2 * SKEW) - SKEW, dice.below(2 * SKEW) - SKEW];
        Self {
            mutant,
            dice,
            now: START,
            store: Store::default(),
            workers: vec![worker(skews[0], false), worker(skews[1], true)],
            put: Vec::new(),
            effects: HashMap::new(),
            fired: HashMap::new(),
            broken: Vec::new(),
        }
    }

    fn is_trouble(&self) -> bool {
        self.now < START + TROUBLE
    }

    fn play(mut self) -> Vec<String> {
        let end = START + TROUBLE + QUIET;
        let mut probes = 0;
        while self.now < end {
            self.now += self.dice.below(SECOND / 8);
            if self.is_trouble() {
                self.trouble();
            } else {
                self.workers.iter_mut().for_each(|worker| worker.knows_newer = true);
                // The leases of whoever fell in the trouble are over by then.
                let next = START + TROUBLE + 40 * SECOND + probes as i64 * 4 * SECOND;
                if probes < PROBES && self.now >= next {
                    probes += 1;
                    self.put_timer(self.now + SECOND, "known", 1_000_000 + probes);
                }
            }
            let who = self.dice.below(self.workers.len() as i64) as usize;
            self.step(who);
        }
        self.verdict()
    }

    fn trouble(&mut self) {
        if self.dice.chance(60) {
            let id = self.put.len() as u64 + 1;
            // Ahead, or late: by a slow clock, or because whoever puts it was held up on the way.
            let due = match self.dice.below(4) {
                0 => self.now - self.dice.below(60 * SECOND),
                1 => self.now - self.dice.below(SKEW),
                _ => self.now + self.dice.below(30 * SECOND),
            };
            let kind = if self.dice.chance(100) { "newer" } else { "known" };
            self.put_timer(due, kind, id);
        }
        let who = self.dice.below(self.workers.len() as i64) as usize;
        if self.dice.chance(5) {
            let worker = &mut self.workers[who];
            worker.steps.clear();
            worker.held = None;
            worker.away_until = self.now + self.dice.below(20 * SECOND);
        }
        if self.dice.chance(3) {
            self.workers[who].away_until = self.now + self.dice.below(40 * SECOND);
        }
        // Which of the two is the newer version changes: somebody is upgraded, somebody goes back.
        if self.dice.chance(2) {
            self.workers[who].knows_newer ^= true;
        }
    }

    fn put_timer(&mut self, due: i64, kind: &str, id: u64) {
        let id = TimerId::from_uuid(Uuid::from_u64_pair(0, id));
        let due = Timestamp::from_micros(due);
        let timer =
            Timer { id, shard: Shard::about(Uuid::nil()), due, kind: kind.to_owned(), body: Value::Null };
        self.store.timers.insert(timer.position(), (timer.clone(), false));
        self.put.push(timer);
    }

    fn step(&mut self, who: usize) {
        let worker = &mut self.workers[who];
        if self.now < worker.away_until {
            return;
        }
        let Some(step) = worker.steps.pop_front() else {
            if self.now >= worker.next_look {
                worker.next_look = self.now + SECOND;
                worker.steps.push_back(Step::Hold);
            }
            return;
        };
        match step {
            Step::Hold => self.hold(who),
            Step::Read(look) => self.read(who, look),
            Step::Fire(timer) => self.fire(who, timer),
            Step::Effect(timer) => self.effect(who, &timer),
            Step::Done(timer) => self.done(who, &timer),
            Step::Complete(look) => self.complete(who, &look),
        }
    }

    fn hold(&mut self, who: usize) {
        let (now, skew) = (self.now, self.workers[who].skew);
        let clock = now + skew;
        let worker = &mut self.workers[who];
        let is_fresh = worker.held.as_ref().is_some_and(|held| now - held.renewed < RENEW);
        if !is_fresh {
            let row = &mut self.store.lease;
            let blindly = self.mutant == Mutant::NoFencing && worker.held.is_some();
            if row.owner != Some(who) && row.until > clock && !blindly {
                worker.held = None;
                return;
            }
            if row.owner != Some(who) && !blindly {
                row.epoch += 1;
            }
            (row.owner, row.until) = (Some(who), clock + LEASE);
            let (epoch, watermark) = (row.epoch, Timestamp::from_micros(row.watermark));
            match &mut worker.held {
                Some(held) if held.epoch == epoch || blindly => held.renewed = now,
                _ => {
                    let rules = match self.mutant {
                        Mutant::NoLookBack => Rules { near_s: 0, back_s: 0, back_every_s: 10 },
                        _ => Rules::SHARED,
                    };
                    worker.held = Some(Held { epoch, renewed: now, plan: Plan::taken(watermark, rules) });
                }
            }
        }
        let Some(held) = &mut worker.held else { return };
        let clock = Timestamp::from_micros(clock);
        worker.steps.extend(held.plan.again(clock).into_iter().map(Step::Fire));
        worker.steps.push_back(Step::Read(held.plan.look(clock)));
    }

    fn read(&mut self, who: usize, mut look: Look) {
        let page = self.store.due(&look);
        let is_last = page.len() < PAGE || self.mutant == Mutant::CutPage;
        let worker = &mut self.workers[who];
        let Some(held) = &mut worker.held else { return };
        let knows = |kind: &str| worker.knows_newer || kind == "known";
        let passes = self.mutant == Mutant::PastUnknown;
        for timer in held.plan.take(&mut look, page, |kind| passes || knows(kind)) {
            if knows(&timer.kind) {
                worker.steps.push_back(Step::Fire(timer));
            } else {
                held.plan.done(timer.position());
            }
        }
        worker.steps.push_back(if is_last { Step::Complete(look) } else { Step::Read(look) });
    }

    fn fire(&mut self, who: usize, timer: Timer) {
        let fails = self.is_trouble() && self.dice.chance(50);
        let worker = &mut self.workers[who];
        let Some(held) = &mut worker.held else { return };
        let is_trusted = self.now - held.renewed <= TRUSTED || self.mutant == Mutant::NoFencing;
        if fails || !is_trusted {
            held.plan.failed(timer.position(), Timestamp::from_micros(self.now + worker.skew));
            return;
        }
        let both = [Step::Effect(timer.clone()), Step::Done(timer)];
        let mut both = VecDeque::from(both);
        if self.mutant == Mutant::DoneBeforeEffect {
            both.swap(0, 1);
        }
        both.into_iter().rev().for_each(|step| worker.steps.push_front(step));
    }

    fn effect(&mut self, who: usize, timer: &Timer) {
        if timer.due.micros() > self.now + SKEW {
            self.broken.push(format!("{} fired early", timer.id));
        }
        *self.fired.entry(timer.id).or_default() += 1;
        let made = self.effects.entry(timer.id).or_default();
        *made = if self.mutant == Mutant::NoNames { *made + 1 } else { 1 };
        // It is done, and nobody hears of it.
        if self.is_trouble() && self.mutant != Mutant::DoneBeforeEffect && self.dice.chance(50) {
            let worker = &mut self.workers[who];
            worker.steps.pop_front();
            if let Some(held) = &mut worker.held {
                held.plan.failed(timer.position(), Timestamp::from_micros(self.now + worker.skew));
            }
        }
    }

    fn done(&mut self, who: usize, timer: &Timer) {
        if let Some((_, is_done)) = self.store.timers.get_mut(&timer.position()) {
            *is_done = true;
        }
        if let Some(held) = &mut self.workers[who].held {
            held.plan.done(timer.position());
        }
    }

    fn complete(&mut self, who: usize, look: &Look) {
        let Some(held) = &mut self.workers[who].held else { return };
        held.plan.complete(look);
        let (row, watermark) = (&mut self.store.lease, held.plan.watermark().micros());
        let may = row.epoch == held.epoch || self.mutant == Mutant::NoFencing;
        if may && watermark - row.watermark > SECOND {
            row.watermark = watermark;
        }
    }

    fn verdict(mut self) -> Vec<String> {
        for timer in &self.put {
            let made = self.effects.get(&timer.id).copied().unwrap_or(0);
            let is_probe = timer.id.uuid().as_u64_pair().1 > 1_000_000;
            if made == 0 {
                self.broken.push(format!("{} of kind {} is lost", timer.id, timer.kind));
            }
            if made > 1 {
                self.broken.push(format!("{} has its effect {made} times", timer.id));
            }
            if is_probe && self.fired.get(&timer.id).copied().unwrap_or(0) > 1 {
                self.broken.push(format!("{} fired twice without any trouble", timer.id));
            }
        }
        self.broken
    }
}

/// How many of these games a mutant breaks, and what the first one says.
fn broken(mutant: Mutant, games: u64) -> (usize, Option<String>) {
    let mut first = None;
    let mut count = 0;
    for seed in 0..games {
        let broken = Game::new(mutant, seed).play();
        count += usize::from(!broken.is_empty());
        first = first.or_else(|| broken.into_iter().next().map(|what| format!("game {seed}: {what}")));
    }
    (count, first)
}

#[test]
fn every_timer_fires_and_has_its_effect_once() {
    assert_eq!(broken(Mutant::None, 300), (0, None));
}

#[test]
fn without_any_one_of_its_guards_timers_break() {
    for mutant in [
        Mutant::NoLookBack,
        Mutant::PastUnknown,
        Mutant::DoneBeforeEffect,
        Mutant::NoFencing,
        Mutant::CutPage,
        Mutant::NoNames,
    ] {
        let (count, first) = broken(mutant, 60);
        println!("{mutant:?} breaks {count} of 60 games: {first:?}");
        assert!(count > 0, "{mutant:?} breaks nothing");
    }
}

#[test]
fn a_clock_that_is_set_back_hides_nothing() {
    let at = |seconds| Timestamp::from_micros(START + seconds * SECOND);
    for rules in [Rules::SHARED, Rules::ALONE] {
        let mut plan = Plan::taken(at(0), rules);
        let look = plan.look(at(7_200));
        plan.complete(&look);
        for now in [3_600, 3_601, 3_620] {
            let look = plan.look(at(now));
            assert!(look.after.0 < at(now - 1) && look.until == at(now), "{rules:?} at {now}: {look:?}");
            plan.complete(&look);
        }
        assert_eq!(plan.watermark(), at(7_200), "and the watermark stays");
    }
}
