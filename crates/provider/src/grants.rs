//! Codes and access tokens: short-lived, remembered only in memory and only by their hash. A restart
//! forgets them, and whoever was on the way signs in again.

use std::collections::HashMap;

use parking_lot::Mutex;
use petit_app::ports::Random;
use petit_domain::{Timestamp, UserId};

use crate::secret::{Hash, fresh, hash};

/// How long a code may take from the authorization to the token endpoint.
pub(crate) const CODE_SECONDS: i64 = 60;
/// How long an access token opens the userinfo endpoint.
pub(crate) const ACCESS_SECONDS: i64 = 300;

/// Secrets that work once and not for long.
pub(crate) struct OneUse<T> {
    kept: Mutex<HashMap<Hash, (T, Timestamp)>>,
}

impl<T> OneUse<T> {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::new(HashMap::new()) }
    }

    /// Keeps `value` until `until` and gives the secret that fetches it.
    pub(crate) fn keep(&self, value: T, until: Timestamp, now: Timestamp, random: &dyn Random) -> String {
        let secret = fresh(random);
        let mut kept = self.kept.lock();
        kept.retain(|_, (_, until)| now < *until);
        kept.insert(hash(&secret), (value, until));
        secret
    }

    /// Fetches it, once.
    pub(crate) fn take(&self, secret: &str, now: Timestamp) -> Option<T> {
        let (value, until) = self.kept.lock().remove(&hash(secret))?;
        (now < until).then_some(value)
    }
}

/// What a code stands for: who was authorized, and everything that redeeming it must match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Grant {
    pub(crate) subject: UserId,
    pub(crate) signed_in_at: Timestamp,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) nonce: Option<String>,
}

struct Access {
    subject: UserId,
    code: Hash,
    until: Timestamp,
}

pub(crate) struct Grants {
    codes: OneUse<Grant>,
    access: Mutex<HashMap<Hash, Access>>,
}

impl Grants {
    pub(crate) fn new() -> Self {
        Self { codes: OneUse::new(), access: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn issue_code(&self, grant: Grant, now: Timestamp, random: &dyn Random) -> String {
        self.codes.keep(grant, now.plus_seconds(CODE_SECONDS), now, random)
    }

    /// What the code stands for, once. A code that comes again was stolen on its way: what was given
    /// for it is taken back (RFC 6749 §4.1.2).
    pub(crate) fn redeem(&self, code: &str, now: Timestamp) -> Option<Grant> {
        let grant = self.codes.take(code, now);
        if grant.is_none() {
            self.access.lock().retain(|_, access| access.code != hash(code));
        }
        grant
    }

    pub(crate) fn issue_access(
        &self,
        code: &str,
        subject: UserId,
        now: Timestamp,
        random: &dyn Random,
    ) -> String {
        let token = fresh(random);
        let mut access = self.access.lock();
        access.retain(|_, access| now < access.until);
        let until = now.plus_seconds(ACCESS_SECONDS);
        access.insert(hash(&token), Access { subject, code: hash(code), until });
        token
    }

    pub(crate) fn bearer(&self, token: &str, now: Timestamp) -> Option<UserId> {
        let access = self.access.lock();
        access.get(&hash(token)).filter(|access| now < access.until).map(|access| access.subject)
    }
}

#[cfg(test)]
mod tests {
    use petit_app::ports::SystemRandom;

    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn grant() -> Grant {
        Grant {
            subject: UserId::mint(START, 7),
            signed_in_at: START,
            client_id: "petit".into(),
            redirect_uri: "http://127.0.0.1:8420/auth/callback".into(),
            code_challenge: "c".into(),
            nonce: None,
        }
    }

    #[test]
    fn a_code_works_once_and_for_a_minute() {
        let grants = Grants::new();
        let code = grants.issue_code(grant(), START, &SystemRandom);
        assert_eq!(grants.redeem(&code, START.plus_seconds(59)), Some(grant()));
        assert_eq!(grants.redeem(&code, START.plus_seconds(59)), None, "used");
        let late = grants.issue_code(grant(), START, &SystemRandom);
        assert_eq!(grants.redeem(&late, START.plus_seconds(60)), None, "too old");
    }

    #[test]
    fn a_code_that_comes_again_takes_its_access_token_back() {
        let grants = Grants::new();
        let code = grants.issue_code(grant(), START, &SystemRandom);
        let subject = grants.redeem(&code, START).expect("the first time").subject;
        let token = grants.issue_access(&code, subject, START, &SystemRandom);
        let other = grants.issue_access("another code", subject, START, &SystemRandom);
        assert_eq!(grants.bearer(&token, START), Some(subject));
        assert_eq!(grants.redeem(&code, START), None);
        assert_eq!(grants.bearer(&token, START), None);
        assert_eq!(grants.bearer(&other, START), Some(subject), "others stay");
    }

    #[test]
    fn an_access_token_ends_by_itself() {
        let grants = Grants::new();
        let token = grants.issue_access("code", grant().subject, START, &SystemRandom);
        assert!(grants.bearer(&token, START.plus_seconds(ACCESS_SECONDS - 1)).is_some());
        assert!(grants.bearer(&token, START.plus_seconds(ACCESS_SECONDS)).is_none());
        assert!(grants.bearer("something else", START).is_none());
    }

    #[test]
    fn what_ran_out_is_forgotten() {
        let grants = Grants::new();
        for _ in 0..10 {
            grants.issue_code(grant(), START, &SystemRandom);
        }
        grants.issue_code(grant(), START.plus_seconds(61), &SystemRandom);
        assert_eq!(grants.codes.kept.lock().len(), 1);
    }
}
