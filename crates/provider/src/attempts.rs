//! Failed sign-ins, counted for a minute by username and by address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use parking_lot::Mutex;
use petit_domain::{Timestamp, fold};

const WINDOW_SECONDS: i64 = 60;
const PER_USERNAME: usize = 5;
/// Many people may share an address, so it may fail more often than a username.
const PER_ADDRESS: usize = 50;
/// Above this many names and addresses the old ones are swept out.
const SWEEP_AT: usize = 4096;

/// What failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Username(String),
    Address(IpAddr),
}

impl Target {
    /// As typed, known or not: whether an account exists must not show.
    pub(crate) fn username(typed: &str) -> Self {
        Self::Username(fold(typed.trim()).chars().take(64).collect())
    }

    /// One household or server gets a whole IPv6 /64, so that is one address here.
    pub(crate) fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self::Address(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            v4 => Self::Address(v4),
        }
    }

    const fn allowed(&self) -> usize {
        match self {
            Self::Username(_) => PER_USERNAME,
            Self::Address(_) => PER_ADDRESS,
        }
    }
}

/// Too many failures: how many seconds to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u32);

#[derive(Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<Target, Vec<Timestamp>>>,
}

/// A try that is counted as failed until it is known not to be, so that a hundred at once are still a hundred.
#[must_use]
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    targets: Vec<Target>,
    at: Timestamp,
}

impl Attempts {
    /// Begins a try, unless one of its targets has failed too often in the last minute.
    pub(crate) fn begin(&self, targets: Vec<Target>, now: Timestamp) -> Result<Attempt<'_>, Wait> {
        let mut failures = self.failures.lock();
        sweep(&mut failures, now);
        let wait =
            targets.iter().filter_map(|target| wait(failures.get(target)?, target.allowed(), now)).max();
        if let Some(seconds) = wait {
            return Err(Wait(seconds));
        }
        for target in &targets {
            failures.entry(target.clone()).or_default().push(now);
        }
        Ok(Attempt { attempts: self, targets, at: now })
    }
}

impl Attempt<'_> {
    /// Uncounts the try: it succeeded, or failed for a reason of ours.
    pub(crate) fn forget(self) {
        let mut failures = self.attempts.failures.lock();
        for target in &self.targets {
            let Some(times) = failures.get_mut(target) else { continue };
            if let Some(place) = times.iter().position(|at| *at == self.at) {
                times.swap_remove(place);
            }
            if times.is_empty() {
                failures.remove(target);
            }
        }
    }
}

/// Seconds until one more is allowed; `None` if it is now.
fn wait(times: &[Timestamp], allowed: usize, now: Timestamp) -> Option<u32> {
    let mut recent: Vec<Timestamp> = times.iter().copied().filter(|at| is_recent(*at, now)).collect();
    recent.sort_unstable();
    let oldest_that_counts = *recent.get(recent.len().checked_sub(allowed)?)?;
    let left = oldest_that_counts.plus_seconds(WINDOW_SECONDS).micros() - now.micros();
    u32::try_from(left / 1_000_000 + 1).ok()
}

/// A clock that was set back must not lock anybody out for longer.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now < at.plus_seconds(WINDOW_SECONDS)
}

fn sweep(failures: &mut HashMap<Target, Vec<Timestamp>>, now: Timestamp) {
    if failures.len() >= SWEEP_AT {
        failures.retain(|_, times| times.iter().any(|at| is_recent(*at, now)));
    }
    for times in failures.values_mut().filter(|times| times.len() > PER_ADDRESS) {
        times.retain(|at| is_recent(*at, now));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn alice() -> Vec<Target> {
        vec![Target::username("alice")]
    }

    #[test]
    fn the_sixth_failure_in_a_minute_has_to_wait_and_then_may_try_again() {
        let attempts = Attempts::default();
        for second in 0..5 {
            let _failed = attempts.begin(alice(), START.plus_seconds(second)).expect("allowed");
        }
        let wait = attempts.begin(alice(), START.plus_seconds(10)).err().expect("refused");
        assert_eq!(wait, Wait(51));
        assert!(attempts.begin(vec![Target::username("bob")], START.plus_seconds(10)).is_ok());
        assert!(attempts.begin(alice(), START.plus_seconds(61)).is_ok());
    }

    #[test]
    fn successes_do_not_count() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            attempts.begin(alice(), START).expect("allowed").forget();
        }
        assert!(attempts.failures.lock().is_empty(), "nothing is remembered of them");
    }

    #[test]
    fn tries_at_the_same_time_count_before_they_are_decided() {
        let attempts = Attempts::default();
        let open: Vec<_> = (0..10).filter_map(|_| attempts.begin(alice(), START).ok()).collect();
        assert_eq!(open.len(), 5);
    }

    #[test]
    fn an_address_is_bound_across_usernames() {
        let attempts = Attempts::default();
        let from = |n: usize, address: &str| {
            vec![
                Target::username(&format!("guess{n}")),
                Target::address(address.parse().expect("an address")),
            ]
        };
        for n in 0..50 {
            let _failed = attempts.begin(from(n, "2001:db8:1:2:3::1"), START).expect("allowed");
        }
        assert!(attempts.begin(from(50, "2001:db8:1:2:ffff::9"), START).is_err(), "the same /64");
        assert!(attempts.begin(from(50, "2001:db8:1:3::1"), START).is_ok(), "another /64");
    }

    #[test]
    fn usernames_that_sign_in_alike_are_counted_alike() {
        assert_eq!(Target::username(" Alice "), Target::username("alice"));
        assert_eq!(Target::username("ＡＬＩＣＥ"), Target::username("alice"));
    }

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_than_five_failures(steps in prop::collection::vec(0i64..30, 1..200)) {
            let attempts = Attempts::default();
            let mut now = START;
            let mut allowed: Vec<Timestamp> = Vec::new();
            for step in steps {
                now = now.plus_seconds(step);
                if attempts.begin(alice(), now).is_ok() {
                    allowed.push(now);
                }
                let recent = allowed.iter().filter(|at| now < at.plus_seconds(WINDOW_SECONDS)).count();
                prop_assert!(recent <= PER_USERNAME);
            }
        }
    }
}
