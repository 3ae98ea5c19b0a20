use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use petit_domain::{Presence, Timestamp, UserId};
use uuid::Uuid;

use crate::{Registry, Shown};

/// A report of one node about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of whom.
    pub user: UserId,
    /// `None`: another notifier is asked about them from now on.
    pub presence: Option<Presence>,
    /// For how long that has been so.
    pub lasting: Duration,
}

/// States of people brought together over nodes, each valid while its node's lease lives. No I/O.
pub struct Merged {
    registry: Registry,
    nodes: HashMap<Uuid, Node>,
    /// People who are connected, with their nodes. Mostly one node each.
    people: HashMap<UserId, Vec<(Uuid, Presence)>>,
    /// People who moved to another notifier, with the moment until which they are shown as they were: plexers
    /// that have not noticed yet ask here.
    parting: HashMap<UserId, Instant>,
    lease: Duration,
    offline_after: Duration,
    swept: Instant,
}

struct Node {
    heard: Instant,
    users: HashSet<UserId>,
}

/// A person whose state is to be told, if anybody's is.
pub type Told = Option<(UserId, Shown)>;

impl Merged {
    /// Nobody was heard of yet. A node that is silent for longer than its `lease` has nobody any more.
    pub fn new(lease: Duration, registry: Registry, now: Instant) -> Self {
        Self {
            offline_after: registry.offline_after,
            registry,
            nodes: HashMap::new(),
            people: HashMap::new(),
            parting: HashMap::new(),
            lease,
            swept: now,
        }
    }

    /// The node lives. Answers whether it was known to.
    pub fn beat(&mut self, node: Uuid, now: Instant) -> bool {
        let known = self.nodes.contains_key(&node);
        self.nodes.entry(node).or_insert_with(|| Node { heard: now, users: HashSet::new() }).heard = now;
        known
    }

    /// Notes a report of a node that lives. Answers what is to be told at once.
    pub fn report(&mut self, node: Uuid, report: &Report, now: Instant, at: Timestamp) -> Told {
        let user = report.user;
        let Some(presence) = report.presence else {
            self.set(node, user, Presence::Offline);
            if !self.people.contains_key(&user) && self.registry.knows(user) {
                self.part(user, now);
            }
            return None;
        };
        if self.parting.remove(&user).is_some() {
            // What became of them meanwhile was told by others.
            self.registry.forget(user);
        }
        if !self.registry.knows(user) {
            self.meet(user, presence, report.lasting, now, at);
        }
        self.set(node, user, presence);
        self.observe(user, now, at)
    }

    /// Another notifier tells of them from now on. Here they stay as they are shown, for a while.
    fn part(&mut self, user: UserId, now: Instant) {
        let shown = self.registry.shown(user);
        self.registry.take_over(user, shown, shown.presence, now, now);
        self.parting.insert(user, now + self.lease * 2);
    }

    /// Somebody whom another notifier may have told of before. A state that has lasted was told; one that
    /// is new may not have been, and is told once more.
    fn meet(&mut self, user: UserId, presence: Presence, lasting: Duration, now: Instant, at: Timestamp) {
        let is_old = lasting >= self.offline_after;
        if !is_old && presence != Presence::Offline {
            return;
        }
        let shown = if is_old { presence } else { Presence::Online };
        let micros = i64::try_from(lasting.as_micros()).unwrap_or(i64::MAX);
        let since = Timestamp::from_micros(at.micros().saturating_sub(micros));
        let real_since = now.checked_sub(lasting).unwrap_or(now);
        self.registry.take_over(user, Shown { presence: shown, since }, presence, real_since, now);
    }

    fn set(&mut self, node: Uuid, user: UserId, presence: Presence) {
        let places = self.people.entry(user).or_default();
        places.retain(|(other, _)| *other != node);
        if presence != Presence::Offline {
            places.push((node, presence));
        }
        if places.is_empty() {
            self.people.remove(&user);
        }
        if let Some(node) = self.nodes.get_mut(&node) {
            match presence {
                Presence::Offline => node.users.remove(&user),
                _ => node.users.insert(user),
            };
        }
    }

    fn observe(&mut self, user: UserId, now: Instant, at: Timestamp) -> Told {
        let places = self.people.get(&user).map_or(&[][..], |places| places);
        let real = places.iter().fold(Presence::Offline, |so_far, (_, presence)| match (so_far, presence) {
            (Presence::Online, _) | (_, Presence::Online) => Presence::Online,
            (Presence::Away, _) | (_, Presence::Away) => Presence::Away,
            (Presence::Offline, Presence::Offline) => Presence::Offline,
        });
        self.registry.observe(user, real, now, at).map(|shown| (user, shown))
    }

    /// How a person is shown.
    pub fn shown(&self, user: UserId) -> Shown {
        self.registry.shown(user)
    }

    /// Lets the people of dead nodes fall, and answers what has become due.
    pub fn sweep(&mut self, now: Instant, at: Timestamp) -> Vec<(UserId, Shown)> {
        // This process itself stood still: nobody could be heard.
        if now.saturating_duration_since(self.swept) > self.lease / 2 {
            self.nodes.values_mut().for_each(|node| node.heard = now);
        }
        self.swept = now;
        let dead = self.nodes.iter().filter(|(_, node)| now - node.heard > self.lease);
        let dead: Vec<Uuid> = dead.map(|(id, _)| *id).collect();
        let mut told = Vec::new();
        for id in dead {
            let Some(node) = self.nodes.remove(&id) else { continue };
            for user in node.users {
                self.set(id, user, Presence::Offline);
                told.extend(self.observe(user, now, at));
            }
        }
        let (registry, people) = (&mut self.registry, &self.people);
        self.parting.retain(|user, until| {
            let is_over = *until <= now;
            if is_over && !people.contains_key(user) {
                registry.forget(*user);
            }
            !is_over
        });
        told.extend(self.registry.due(now, at));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);

    /// A board with a clock that tests move.
    struct Stage {
        merged: Merged,
        begun: Instant,
        now: Instant,
        user: UserId,
        told: Vec<Presence>,
    }

    impl Stage {
        fn new() -> Self {
            let (now, at) = (Instant::now(), Timestamp::from_micros(1_000));
            let registry = Registry::new(SECOND * 30, SECOND * 5, at);
            let merged = Merged::new(SECOND * 15, registry, now);
            Self { merged, begun: now, now, user: UserId::mint(at, 1), told: Vec::new() }
        }

        fn at(&self) -> Timestamp {
            let micros = i64::try_from((self.now - self.begun).as_micros()).expect("a short test");
            Timestamp::from_micros(1_000 + micros)
        }

        fn say(&mut self, node: Uuid, presence: Presence) {
            self.say_lasting(node, Some(presence), Duration::ZERO);
        }

        fn say_lasting(&mut self, node: Uuid, presence: Option<Presence>, lasting: Duration) {
            let report = Report { user: self.user, presence, lasting };
            self.merged.beat(node, self.now);
            let told = self.merged.report(node, &report, self.now, self.at());
            self.told.extend(told.map(|(_, shown)| shown.presence));
        }

        /// Lets time pass; the nodes that live say so every five seconds.
        fn pass(&mut self, seconds: u32, alive: &[Uuid]) {
            for second in 0..seconds {
                self.now += SECOND;
                if second % 5 == 0 {
                    for node in alive {
                        self.merged.beat(*node, self.now);
                    }
                }
                let told = self.merged.sweep(self.now, self.at());
                self.told.extend(told.into_iter().map(|(_, shown)| shown.presence));
            }
        }

        fn shown(&self) -> Presence {
            self.merged.shown(self.user).presence
        }
    }

    use Presence::{Away, Offline, Online};

    #[test]
    fn who_leaves_one_of_two_nodes_is_still_here() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.say(B, Online);
        stage.say(A, Offline);
        stage.pass(120, &[A, B]);
        assert_eq!((stage.shown(), stage.told.as_slice()), (Online, &[Online][..]));
        stage.say(B, Offline);
        stage.pass(29, &[A, B]);
        assert_eq!(stage.shown(), Online, "thirty seconds of grace");
        stage.pass(2, &[A, B]);
        assert_eq!(stage.told, [Online, Offline]);
    }

    #[test]
    fn the_most_awake_node_counts() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.say(B, Away);
        stage.pass(10, &[A, B]);
        assert_eq!(stage.shown(), Online);
        stage.say(A, Away);
        stage.pass(10, &[A, B]);
        assert_eq!(stage.told, [Online, Away]);
    }

    #[test]
    fn the_people_of_a_dead_node_fall_together_after_lease_and_grace() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.pass(44, &[]);
        assert_eq!(stage.shown(), Online);
        stage.pass(3, &[]);
        assert_eq!(stage.told, [Online, Offline]);
        assert!(stage.merged.people.is_empty() && stage.merged.nodes.is_empty());
    }

    #[test]
    fn who_is_on_another_node_before_the_dead_one_is_noticed_was_never_gone() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.pass(2, &[]);
        stage.say(B, Online);
        stage.pass(120, &[B]);
        assert_eq!(stage.told, [Online]);
    }

    #[test]
    fn a_notifier_that_stood_still_believes_nobody_dead() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.now += SECOND * 60;
        stage.pass(1, &[]);
        stage.pass(30, &[A]);
        assert_eq!(stage.told, [Online]);
    }

    #[test]
    fn many_changes_are_told_at_most_once_in_five_seconds() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        for step in 0..20 {
            stage.say(A, if step % 2 == 0 { Away } else { Online });
            stage.say(B, if step % 3 == 0 { Away } else { Online });
            stage.pass(1, &[A, B]);
        }
        assert!(stage.told.len() <= 5, "{:?}", stage.told);
    }

    #[test]
    fn a_notifier_that_takes_over_repeats_nothing_that_has_lasted() {
        let mut stage = Stage::new();
        stage.say_lasting(A, Some(Away), SECOND * 60);
        stage.say_lasting(B, Some(Online), SECOND * 60);
        assert_eq!(stage.told, []);
        stage.pass(6, &[A, B]);
        assert_eq!(stage.shown(), Online);
    }

    #[test]
    fn a_notifier_that_takes_over_finishes_the_grace_of_who_left() {
        let mut stage = Stage::new();
        stage.say_lasting(A, Some(Offline), SECOND * 20);
        assert_eq!(stage.shown(), Online);
        stage.pass(8, &[A]);
        assert_eq!(stage.shown(), Online);
        stage.pass(4, &[A]);
        assert_eq!(stage.told, [Offline]);
    }

    #[test]
    fn a_notifier_that_is_asked_no_longer_says_nothing() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.say_lasting(A, None, Duration::ZERO);
        stage.pass(120, &[A]);
        assert_eq!(stage.told, [Online]);
        assert!(!stage.merged.registry.knows(stage.user));
    }

    #[test]
    fn who_moves_away_is_still_here_for_those_who_have_not_noticed() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.say_lasting(A, None, Duration::ZERO);
        stage.pass(20, &[A]);
        assert_eq!((stage.shown(), stage.told.as_slice()), (Online, &[Online][..]));
        stage.pass(11, &[A]);
        assert_eq!((stage.shown(), stage.told.as_slice()), (Offline, &[Online][..]));
    }

    #[test]
    fn the_grace_of_who_moves_away_is_finished_elsewhere() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.pass(6, &[A]);
        stage.say(A, Offline);
        stage.say_lasting(A, None, Duration::ZERO);
        stage.pass(60, &[A]);
        assert_eq!(stage.told, [Online]);
    }

    #[test]
    fn who_moves_away_and_back_is_told_of_anew() {
        let mut stage = Stage::new();
        stage.say(A, Online);
        stage.say_lasting(A, None, Duration::ZERO);
        stage.pass(6, &[A]);
        stage.say(A, Online);
        assert_eq!(stage.told, [Online, Online], "they may have been told gone meanwhile");
        stage.pass(120, &[A]);
        assert_eq!(stage.shown(), Online);
    }
}
