//! A model of several processes that decide at once, are cut off anywhere, and follow the log late: the rules are the
//! real ones, log and rows are maps. Mutants leave one precaution out each and have to fail.

use std::collections::BTreeMap;

use petit_domain::{ChatId, ChatKind, MemberRecord, MemberRole, SettingsRecord, Timestamp, UserId};
use petit_ports::{ChangeRecord, Ruling};
use uuid::Uuid;

use super::rules::{Facts, Next, Others, Wanted, next};

const CHAT: ChatId = ChatId::from_uuid(Uuid::nil());
const GAMES: u64 = 400;

#[derive(Clone, Copy, PartialEq)]
enum Mutant {
    None,
    /// Writes whatever came meanwhile.
    NoCondition,
    /// Applies what it wrote, not minding what comes before it.
    OutOfOrder,
    /// Notes that a change is in the rows, and then puts it there.
    NotedBeforeDone,
    /// Decides on rows that are behind.
    NoSettling,
    /// Takes the last owner out, and makes an heir then.
    HeirAfterwards,
    /// Does interrupted work again, as it was wanted.
    WorkDoneAgain,
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

type Rows = BTreeMap<UserId, MemberRecord>;

/// Where a process stands with what its caller wants.
#[derive(Clone)]
enum Stage {
    Idle,
    Wants(UserId, Wanted),
    Decided(UserId, Wanted, i64, Next),
    Wrote(UserId, Wanted, i64, i64, Next),
}

struct World {
    mutant: Mutant,
    dice: Dice,
    log: Vec<ChangeRecord>,
    rows: Rows,
    applied: i64,
    stages: Vec<Stage>,
    /// What was begun and cut off.
    left: Vec<(UserId, Wanted)>,
    broken: Option<&'static str>,
}

fn person(n: u64) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(n) + 1))
}

fn seat(user: UserId, role: MemberRole) -> MemberRecord {
    MemberRecord { chat: CHAT, user, role, joined_seq: -1, joined_at: Timestamp::from_micros(0) }
}

fn put(rows: &mut Rows, ruling: &Ruling) {
    match ruling {
        Ruling::In(member) => drop(rows.insert(member.user, member.clone())),
        Ruling::Out(user) => drop(rows.remove(user)),
        Ruling::Named(..) | Ruling::Set(_) | Ruling::Silent => {}
    }
}

fn ruling(next: &Next) -> Option<&Ruling> {
    match next {
        Next::First(ruling) | Next::Note(ruling) | Next::Say(ruling) => Some(ruling),
        Next::Nothing | Next::Look => None,
    }
}

impl World {
    fn new(seed: u64, mutant: Mutant) -> Self {
        let first = [seat(person(0), MemberRole::Owner), seat(person(1), MemberRole::Member)];
        let rows = first.into_iter().map(|member| (member.user, member)).collect();
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let stages = vec![Stage::Idle; 3];
        Self { mutant, dice, log: Vec::new(), rows, applied: -1, stages, left: Vec::new(), broken: None }
    }

    fn head(&self) -> i64 {
        self.log.len() as i64 - 1
    }

    /// What the log says, whatever the rows are.
    fn truth(&self) -> Rows {
        let mut rows = Self::new(1, Mutant::None).rows;
        self.log.iter().for_each(|change| put(&mut rows, &Ruling::of(CHAT, change)));
        rows
    }

    fn settle(&mut self) {
        while self.applied < self.head() {
            let ruling = Ruling::of(CHAT, &self.log[(self.applied + 1) as usize]);
            self.applied += 1;
            put(&mut self.rows, &ruling);
        }
    }

    fn wanted(&mut self) -> (UserId, Wanted) {
        let (by, user) = (person(self.dice.below(4)), person(self.dice.below(4)));
        let roles = [MemberRole::Member, MemberRole::Admin, MemberRole::Owner];
        let wanted = match self.dice.below(6) {
            0 | 1 => Wanted::Add(user),
            2 => Wanted::Remove(user),
            3 => Wanted::Remove(by),
            _ => Wanted::Role(user, roles[self.dice.below(3) as usize]),
        };
        (by, wanted)
    }

    fn decide(&self, by: UserId, wanted: &Wanted) -> Option<Next> {
        let mut others = Others::default();
        let target = wanted.person().and_then(|user| self.rows.get(&user));
        self.rows.values().filter(|m| Some(m.user) != wanted.person()).for_each(|m| others.see(m.clone()));
        let (own, now) = (self.rows.get(&by), Timestamp::from_micros(self.log.len() as i64));
        let (others, settings) = (Some(&others), &SettingsRecord::default());
        let (chat, kind, name, seq) = (CHAT, ChatKind::Open, None, -1);
        let facts = Facts { chat, kind, name, settings, by, own, target, others, seq, now };
        match next(wanted, &facts).ok()? {
            Next::First(_) if self.mutant == Mutant::HeirAfterwards => {
                Some(Next::Say(Ruling::Out(wanted.person()?)))
            }
            next => ruling(&next).is_some().then_some(next),
        }
    }

    fn write(&mut self, by: UserId, seen: i64, ruling: &Ruling) -> Option<i64> {
        if self.mutant != Mutant::NoCondition && seen != self.head() {
            return None;
        }
        let (effect, cseq) = (ruling.effect()?, self.head() + 1);
        let at = Timestamp::from_micros(cseq);
        self.log.push(ChangeRecord { cseq, kind: effect.kind, actor: by, at, body: effect.body });
        let truth = self.truth();
        if !truth.is_empty() && truth.values().all(|member| member.role != MemberRole::Owner) {
            self.broken = Some("a chat without owner");
        }
        Some(cseq)
    }

    fn follow(&mut self, after: i64, cseq: i64, ruling: &Ruling) {
        if self.mutant == Mutant::OutOfOrder || self.applied == after {
            self.applied = self.applied.max(cseq);
            put(&mut self.rows, ruling);
        } else {
            self.settle();
        }
    }

    fn step(&mut self, place: usize) {
        let stage = std::mem::replace(&mut self.stages[place], Stage::Idle);
        if self.dice.below(12) == 0 {
            self.cut_off(stage);
            return;
        }
        self.stages[place] = match stage {
            Stage::Idle => {
                let (by, wanted) = self.wanted();
                Stage::Wants(by, wanted)
            }
            Stage::Wants(by, wanted) => {
                if self.mutant != Mutant::NoSettling {
                    self.settle();
                }
                match self.decide(by, &wanted) {
                    Some(next) => Stage::Decided(by, wanted, self.head(), next),
                    None => Stage::Idle,
                }
            }
            Stage::Decided(by, wanted, seen, next) => {
                match ruling(&next).cloned().and_then(|ruling| self.write(by, seen, &ruling)) {
                    Some(cseq) => Stage::Wrote(by, wanted, seen, cseq, next),
                    None => Stage::Wants(by, wanted),
                }
            }
            Stage::Wrote(by, wanted, seen, cseq, next) => {
                let what = ruling(&next).cloned().unwrap_or(Ruling::Silent);
                self.follow(seen, cseq, &what);
                self.acknowledge(cseq);
                if matches!(next, Next::First(_)) { Stage::Wants(by, wanted) } else { Stage::Idle }
            }
        };
    }

    /// Who is answered sees what was done, or what others did since.
    fn acknowledge(&mut self, cseq: i64) {
        if self.applied < cseq {
            self.broken = Some("answered, and not to be seen");
        }
    }

    fn cut_off(&mut self, stage: Stage) {
        match stage {
            Stage::Idle => {}
            Stage::Wants(by, wanted) | Stage::Decided(by, wanted, ..) => self.left.push((by, wanted)),
            Stage::Wrote(by, wanted, _, cseq, _) => {
                if self.mutant == Mutant::NotedBeforeDone {
                    self.applied = self.applied.max(cseq);
                }
                self.left.push((by, wanted));
            }
        }
    }

    /// The worker, late.
    fn sweep(&mut self) {
        for (by, wanted) in std::mem::take(&mut self.left) {
            self.settle();
            if self.mutant == Mutant::WorkDoneAgain {
                let before = self.log.len();
                if let Some(next) = self.decide(by, &wanted)
                    && let Some(ruling) = ruling(&next).cloned()
                {
                    self.write(by, self.head(), &ruling);
                    self.settle();
                }
                if self.log.len() > before {
                    self.broken = Some("the worker did what nobody waits for any more");
                }
            }
        }
    }

    fn play(mut self) -> Option<&'static str> {
        for turn in 0..120 {
            let place = self.dice.below(3) as usize;
            self.step(place);
            if turn % 30 == 29 {
                self.sweep();
            }
            if self.broken.is_some() {
                return self.broken;
            }
        }
        self.settle();
        (self.rows != self.truth()).then_some("rows are not what the log says")
    }
}

fn broken(mutant: Mutant) -> Vec<&'static str> {
    (1..=GAMES).filter_map(|seed| World::new(seed, mutant).play()).collect()
}

#[test]
fn whatever_is_cut_off_the_log_decides_and_an_owner_is_there() {
    assert_eq!(broken(Mutant::None), Vec::<&str>::new());
}

#[test]
fn every_precaution_is_needed() {
    let mutants = [
        Mutant::NoCondition,
        Mutant::OutOfOrder,
        Mutant::NotedBeforeDone,
        Mutant::NoSettling,
        Mutant::HeirAfterwards,
        Mutant::WorkDoneAgain,
    ];
    for (place, mutant) in mutants.into_iter().enumerate() {
        assert!(!broken(mutant).is_empty(), "mutant {place} was not found out");
    }
}
