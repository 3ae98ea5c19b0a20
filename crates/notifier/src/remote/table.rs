use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use petit_domain::{Presence, UserId};
use petit_presence::Report;

/// What this node says of its people, who is to be told of it, and what of that is still to be said. No
/// I/O. Holds one entry for each person, however often they change.
pub(super) struct Table {
    people: HashMap<UserId, Mine>,
    notifiers: Vec<Notifier>,
    /// How long somebody who left is remembered: so long another notifier may have to be told.
    keep: Duration,
}

struct Mine {
    presence: Presence,
    since: Instant,
    owner: Option<usize>,
}

struct Notifier {
    address: String,
    lives: bool,
    unsaid: HashSet<UserId>,
}

impl Table {
    pub(super) fn new(addresses: Vec<String>, keep: Duration) -> Self {
        let notifier = |address| Notifier { address, lives: false, unsaid: HashSet::new() };
        Self { people: HashMap::new(), notifiers: addresses.into_iter().map(notifier).collect(), keep }
    }

    pub(super) fn any_lives(&self) -> bool {
        self.living() > 0
    }

    pub(super) fn living(&self) -> usize {
        self.notifiers.iter().filter(|notifier| notifier.lives).count()
    }

    /// Which notifier answers for a person: of those that live the one that person and address draw the
    /// highest number for. When one stops, only its people move.
    pub(super) fn owner(&self, user: UserId) -> Option<usize> {
        let alive = self.notifiers.iter().enumerate().filter(|(_, notifier)| notifier.lives);
        alive.max_by_key(|(_, notifier)| weight(&notifier.address, user)).map(|(place, _)| place)
    }

    /// Notes a state. Answers the notifier that has to be told, if that is news.
    pub(super) fn report(&mut self, user: UserId, presence: Presence, now: Instant) -> Option<usize> {
        let owner = self.owner(user);
        let is_known = self.people.contains_key(&user);
        if !is_known && presence == Presence::Offline {
            return None;
        }
        let mine = self.people.entry(user).or_insert(Mine { presence, since: now, owner });
        if is_known && mine.presence == presence {
            return None;
        }
        (mine.presence, mine.since) = (presence, now);
        let owner = owner?;
        self.notifiers[owner].unsaid.insert(user);
        Some(owner)
    }

    /// A notifier answers, or has stopped. Answers who has to be told something now: people find a new one,
    /// and the one before is told to forget them.
    pub(super) fn set_living(&mut self, place: usize, lives: bool) -> Vec<usize> {
        self.notifiers[place].lives = lives;
        self.notifiers[place].unsaid.clear();
        let moved: Vec<_> = self.people.keys().map(|user| (*user, self.owner(*user))).collect();
        for (user, owner) in moved {
            let Some(mine) = self.people.get_mut(&user) else { continue };
            if mine.owner == owner && owner != Some(place) {
                continue;
            }
            let before = std::mem::replace(&mut mine.owner, owner);
            for place in before.into_iter().chain(owner) {
                if self.notifiers[place].lives {
                    self.notifiers[place].unsaid.insert(user);
                }
            }
        }
        (0..self.notifiers.len()).filter(|place| !self.notifiers[*place].unsaid.is_empty()).collect()
    }

    /// Everything is said to this notifier once more.
    pub(super) fn repeat(&mut self, place: usize) {
        let own = self.people.iter().filter(|(_, mine)| mine.owner == Some(place)).map(|(user, _)| *user);
        self.notifiers[place].unsaid.extend(own);
    }

    /// Takes out what is to be said to a notifier, at most so much at once.
    pub(super) fn take(&mut self, place: usize, most: usize, now: Instant) -> Vec<Report> {
        let unsaid = &mut self.notifiers[place].unsaid;
        let taken: Vec<_> = unsaid.iter().copied().take(most).collect();
        let report = |user| {
            unsaid.remove(&user);
            let mine = self.people.get(&user)?;
            let presence = (mine.owner == Some(place)).then_some(mine.presence);
            Some(Report { user, presence, lasting: now.saturating_duration_since(mine.since) })
        };
        taken.into_iter().filter_map(report).collect()
    }

    /// Who has been gone for long is no longer reported.
    pub(super) fn forget_who_left(&mut self, now: Instant) {
        let keep = self.keep;
        self.people.retain(|_, mine| {
            mine.presence != Presence::Offline || now.saturating_duration_since(mine.since) < keep
        });
    }
}

/// FNV-1a over both, mixed once more so that every bit of the result depends on all of them. The same in
/// every process and version.
fn weight(address: &str, user: UserId) -> u64 {
    let bytes = address.bytes().chain(*user.uuid().as_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use petit_domain::Timestamp;

    use super::*;

    const KEEP: Duration = Duration::from_secs(45);

    fn people() -> Vec<UserId> {
        (0..300).map(|number| UserId::mint(Timestamp::from_micros(1), number)).collect()
    }

    fn table(alive: &[usize]) -> (Table, Instant) {
        let addresses = ["http://a:1", "http://b:1", "http://c:1"].map(str::to_owned).to_vec();
        let (mut table, now) = (Table::new(addresses, KEEP), Instant::now());
        for user in people() {
            assert_eq!(table.report(user, Presence::Online, now), None, "nobody to be told yet");
        }
        alive.iter().for_each(|place| drop(table.set_living(*place, true)));
        (table, now)
    }

    /// Whom each notifier answers for after everything was said, as the notifiers know it.
    fn say_everything(table: &mut Table, known: &mut [HashSet<UserId>; 3], now: Instant) {
        for (place, known) in known.iter_mut().enumerate() {
            loop {
                let reports = table.take(place, 7, now);
                if reports.is_empty() {
                    break;
                }
                for report in reports {
                    match report.presence {
                        Some(_) => known.insert(report.user),
                        None => known.remove(&report.user),
                    };
                }
            }
        }
    }

    #[test]
    fn everybody_is_reported_to_one_notifier_and_the_load_is_shared() {
        let (mut table, now) = table(&[0, 1, 2]);
        let mut known = Default::default();
        say_everything(&mut table, &mut known, now);
        assert_eq!(known.iter().map(HashSet::len).sum::<usize>(), 300);
        assert!(known.iter().all(|of| (60..140).contains(&of.len())), "{:?}", known.map(|of| of.len()));
    }

    #[test]
    fn only_the_people_of_a_notifier_that_stopped_move_and_they_move_back() {
        let (mut table, now) = table(&[0, 1, 2]);
        let mut known: [HashSet<UserId>; 3] = Default::default();
        say_everything(&mut table, &mut known, now);
        let before = known.clone();
        table.set_living(1, false);
        known[1].clear();
        say_everything(&mut table, &mut known, now);
        assert!(known[0].is_superset(&before[0]) && known[2].is_superset(&before[2]));
        assert_eq!(known[0].len() + known[2].len(), 300);
        table.set_living(1, true);
        say_everything(&mut table, &mut known, now);
        assert_eq!(known, before);
    }

    #[test]
    fn a_notifier_that_comes_back_with_nothing_is_told_everything() {
        let (mut table, now) = table(&[0]);
        let mut known: [HashSet<UserId>; 3] = Default::default();
        say_everything(&mut table, &mut known, now);
        table.set_living(0, false);
        table.set_living(0, true);
        known[0].clear();
        say_everything(&mut table, &mut known, now);
        assert_eq!(known[0].len(), 300);
        table.repeat(0);
        assert_eq!(table.take(0, 1_000, now).len(), 300);
    }

    #[test]
    fn who_left_is_remembered_for_a_while_and_then_forgotten() {
        let (mut table, now) = table(&[0]);
        table.take(0, 1_000, now);
        let user = people()[0];
        assert_eq!(table.report(user, Presence::Offline, now), Some(0));
        assert_eq!(table.report(user, Presence::Offline, now), None, "said once");
        let report = table.take(0, 10, now + KEEP / 2);
        assert_eq!(report, [Report { user, presence: Some(Presence::Offline), lasting: KEEP / 2 }]);
        table.forget_who_left(now + KEEP);
        assert_eq!(table.people.len(), 299);
    }
}
