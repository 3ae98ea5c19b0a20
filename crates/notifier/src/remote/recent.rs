use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use petit_domain::{Presence, UserId};
use petit_presence::Shown;

/// Who was here by the last answer of a notifier. While people move from one notifier to another the new
/// one has not heard of all of them yet: so long an absence is not believed. No I/O.
pub(super) struct Recent {
    here: HashMap<UserId, (Shown, Instant)>,
    moved: Option<Instant>,
    /// For how long after a move an absence may be ignorance.
    settle: Duration,
    /// How long an answer counts that nobody has confirmed.
    keep: Duration,
}

impl Recent {
    pub(super) fn new(settle: Duration, keep: Duration) -> Self {
        Self { here: HashMap::new(), moved: None, settle, keep }
    }

    /// A notifier answers from now on, or no longer.
    pub(super) fn moved(&mut self, now: Instant) {
        self.moved = Some(now);
    }

    /// What to believe of a person, given what their notifier says, if it says anything.
    pub(super) fn believe(&mut self, user: UserId, said: Option<Shown>, now: Instant) -> Option<Shown> {
        let is_settling = self.moved.is_some_and(|moved| now.saturating_duration_since(moved) < self.settle);
        let is_fresh = |(_, at): &&(Shown, Instant)| now.saturating_duration_since(*at) < self.keep;
        let before = self.here.get(&user).filter(is_fresh).map(|(shown, _)| *shown);
        match said {
            Some(shown) if shown.presence != Presence::Offline => {
                self.here.insert(user, (shown, now));
                said
            }
            Some(_) if before.is_none() || !is_settling => {
                self.here.remove(&user);
                said
            }
            _ => before,
        }
    }

    pub(super) fn forget_old(&mut self, now: Instant) {
        let keep = self.keep;
        self.here.retain(|_, (_, at)| now.saturating_duration_since(*at) < keep);
    }
}

#[cfg(test)]
mod tests {
    use petit_domain::Timestamp;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn shown(presence: Presence) -> Shown {
        Shown { presence, since: Timestamp::from_micros(7) }
    }

    fn stage() -> (Recent, UserId, Instant) {
        let (mut recent, now) = (Recent::new(SECOND * 15, SECOND * 45), Instant::now());
        let user = UserId::mint(Timestamp::from_micros(1), 1);
        recent.believe(user, Some(shown(Presence::Away)), now);
        (recent, user, now)
    }

    #[test]
    fn while_people_move_an_absence_is_not_believed_and_afterwards_it_is() {
        let (mut recent, user, now) = stage();
        let (away, offline) = (shown(Presence::Away), shown(Presence::Offline));
        recent.moved(now);
        assert_eq!(recent.believe(user, Some(offline), now + SECOND * 14), Some(away));
        assert_eq!(recent.believe(user, None, now + SECOND * 14), Some(away));
        assert_eq!(recent.believe(user, Some(offline), now + SECOND * 16), Some(offline));
        assert_eq!(recent.believe(user, None, now + SECOND * 16), None);
    }

    #[test]
    fn who_leaves_while_nobody_moves_is_gone_at_once() {
        let (mut recent, user, now) = stage();
        let offline = Some(shown(Presence::Offline));
        assert_eq!(recent.believe(user, offline, now + SECOND), offline);
        recent.moved(now + SECOND);
        assert_eq!(recent.believe(user, offline, now + SECOND), offline, "nothing to go back to");
    }

    #[test]
    fn an_answer_that_nobody_confirms_ends_however_often_notifiers_come_and_go() {
        let (mut recent, user, now) = stage();
        for second in 0..45 {
            recent.moved(now + SECOND * second);
            assert!(recent.believe(user, None, now + SECOND * second).is_some());
        }
        assert_eq!(recent.believe(user, None, now + SECOND * 45), None);
        recent.forget_old(now + SECOND * 45);
        assert!(recent.here.is_empty());
    }
}
