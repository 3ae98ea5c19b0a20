//! Who is here: one state for each person, reduced over their connections, told slowly.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use petit_domain::{Presence, Timestamp, UserId};

/// What is known of a person, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whether they are here.
    pub presence: Presence,
    /// Since when that has been told.
    pub since: Timestamp,
}

/// Keeps what was told of everybody who was here, and what is still to be told.
#[derive(Debug)]
pub struct Registry {
    people: HashMap<UserId, Entry>,
    /// People whose told state is not their real one.
    unsettled: HashSet<UserId>,
    pub(crate) offline_after: Duration,
    at_most_every: Duration,
    started: Timestamp,
}

#[derive(Debug)]
struct Entry {
    shown: Shown,
    told_at: Option<Instant>,
    real: Presence,
    real_since: Instant,
}

impl Registry {
    /// Nobody was here yet. Who leaves counts as gone `offline_after` later; changes of one person are told
    /// `at_most_every` so often.
    pub fn new(offline_after: Duration, at_most_every: Duration, started: Timestamp) -> Self {
        Self { people: HashMap::new(), unsettled: HashSet::new(), offline_after, at_most_every, started }
    }

    /// What others see. Who was never here has been away for as long as this process can tell.
    pub fn shown(&self, user: UserId) -> Shown {
        let never = Shown { presence: Presence::Offline, since: self.started };
        self.people.get(&user).map_or(never, |entry| entry.shown)
    }

    /// Notes what somebody's connections say. Answers what is to be told at once.
    pub fn observe(&mut self, user: UserId, real: Presence, now: Instant, at: Timestamp) -> Option<Shown> {
        let nobody = Shown { presence: Presence::Offline, since: self.started };
        let entry = self.people.entry(user).or_insert(Entry {
            shown: nobody,
            told_at: None,
            real: Presence::Offline,
            real_since: now,
        });
        if entry.real != real {
            (entry.real, entry.real_since) = (real, now);
        }
        let told = entry.tell(now, at, self.offline_after, self.at_most_every);
        if !entry.is_settled() {
            self.unsettled.insert(user);
        }
        told
    }

    /// Takes over somebody who was told to be so already, by another registry. From `real_since` on they
    /// really were `real`; the next change is told no sooner than after one that was told now.
    pub fn take_over(
        &mut self,
        user: UserId,
        shown: Shown,
        real: Presence,
        real_since: Instant,
        now: Instant,
    ) {
        self.people.insert(user, Entry { shown, told_at: Some(now), real, real_since });
        if real != shown.presence {
            self.unsettled.insert(user);
        }
    }

    /// Whether anything was noted of a person.
    pub fn knows(&self, user: UserId) -> bool {
        self.people.contains_key(&user)
    }

    /// Another registry answers for this person from now on. Nothing is told.
    pub fn forget(&mut self, user: UserId) {
        self.people.remove(&user);
    }

    /// What has become due: people who stayed away, and changes that came too fast to be told at once.
    pub fn due(&mut self, now: Instant, at: Timestamp) -> Vec<(UserId, Shown)> {
        let mut told = Vec::new();
        let people = &mut self.people;
        let (offline_after, at_most_every) = (self.offline_after, self.at_most_every);
        self.unsettled.retain(|user| {
            let Some(entry) = people.get_mut(user) else { return false };
            told.extend(entry.tell(now, at, offline_after, at_most_every).map(|shown| (*user, shown)));
            !entry.is_settled()
        });
        told
    }
}

impl Entry {
    fn is_settled(&self) -> bool {
        self.real == self.shown.presence
    }

    fn tell(
        &mut self,
        now: Instant,
        at: Timestamp,
        offline_after: Duration,
        every: Duration,
    ) -> Option<Shown> {
        let stayed_away = self.real != Presence::Offline || now - self.real_since >= offline_after;
        let slowly_enough = self.told_at.is_none_or(|told| now - told >= every);
        (!self.is_settled() && stayed_away && slowly_enough).then(|| {
            self.told_at = Some(now);
            self.shown = Shown { presence: self.real, since: at };
            self.shown
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFLINE: Duration = Duration::from_secs(30);
    const EVERY: Duration = Duration::from_secs(5);

    fn registry() -> (Registry, UserId, Instant, Timestamp) {
        let at = Timestamp::from_micros(1_000);
        (Registry::new(OFFLINE, EVERY, at), UserId::mint(at, 1), Instant::now(), at)
    }

    fn presences(told: Vec<(UserId, Shown)>) -> Vec<Presence> {
        told.into_iter().map(|(_, shown)| shown.presence).collect()
    }

    #[test]
    fn coming_is_told_at_once_and_going_after_a_while() {
        let (mut registry, user, now, at) = registry();
        let told = registry.observe(user, Presence::Online, now, at).expect("told at once");
        assert_eq!(told.presence, Presence::Online);
        assert_eq!(registry.observe(user, Presence::Offline, now + EVERY, at), None);
        assert_eq!(registry.due(now + OFFLINE, at), []);
        assert_eq!(registry.shown(user).presence, Presence::Online);
        assert_eq!(presences(registry.due(now + EVERY + OFFLINE, at)), [Presence::Offline]);
        assert_eq!(registry.due(now + OFFLINE * 3, at), [], "told once");
    }

    #[test]
    fn who_comes_back_soon_was_never_gone() {
        let (mut registry, user, now, at) = registry();
        registry.observe(user, Presence::Online, now, at);
        registry.observe(user, Presence::Offline, now + EVERY, at);
        assert_eq!(registry.observe(user, Presence::Online, now + OFFLINE, at), None);
        assert_eq!(registry.due(now + OFFLINE * 3, at), []);
    }

    #[test]
    fn changes_are_told_at_most_once_in_five_seconds() {
        let (mut registry, user, now, at) = registry();
        registry.observe(user, Presence::Online, now, at);
        let second = Duration::from_secs(1);
        for (step, state) in [Presence::Away, Presence::Online, Presence::Away].into_iter().enumerate() {
            assert_eq!(registry.observe(user, state, now + second * step as u32, at), None);
        }
        assert_eq!(registry.due(now + second * 4, at), []);
        assert_eq!(presences(registry.due(now + EVERY, at)), [Presence::Away]);
    }
}
