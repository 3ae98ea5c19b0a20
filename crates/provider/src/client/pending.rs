//! What a browser remembers between leaving for the provider and coming back: one signed cookie for
//! each sign-in, so that two tabs may sign in side by side.

use http::HeaderMap;
use petit_app::{App, ports::SignIn};
use petit_domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    cookies::{self, Cookie},
    secret::digest_text,
};

const PREFIX: &str = "petit_sign_in_";
const PURPOSE: &str = "sign-in";
/// How long somebody may look for their password.
pub(super) const SECONDS: i64 = 3600;
/// How many sign-ins a browser may have begun. More are leftovers, and headers have an end.
const MOST: usize = 4;

#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) sign_in: SignIn,
    pub(super) return_to: String,
    until: i64,
}

impl Pending {
    pub(super) fn new(sign_in: SignIn, return_to: &str, now: Timestamp) -> Self {
        Self { sign_in, return_to: return_to.to_owned(), until: now.plus_seconds(SECONDS).micros() }
    }

    /// The cookie's name and value.
    pub(super) fn seal(&self, app: &App) -> (String, String) {
        (name(&self.sign_in.state), app.sign(PURPOSE, &serde_json::to_vec(self).unwrap_or_default()))
    }

    /// What this browser began with this state, if it is not too long ago.
    pub(super) fn open(app: &App, headers: &HeaderMap, state: &str) -> Option<Self> {
        let value = cookies::find(headers, &name(state))?;
        let pending: Self = serde_json::from_slice(&app.verify(PURPOSE, value)?).ok()?;
        (app.now().micros() < pending.until).then_some(pending)
    }
}

/// The cookie of one sign-in: named after its state, whatever letters that has.
pub(super) fn name(state: &str) -> String {
    format!("{PREFIX}{}", &digest_text(state)[..12])
}

/// Cookies of sign-ins that were begun and not finished, when there are too many.
pub(super) fn leftovers(headers: &HeaderMap) -> Vec<String> {
    let names: Vec<String> =
        cookies::all(headers).filter(|(name, _)| is_ours(name)).map(|(name, _)| name.to_owned()).collect();
    if names.len() >= MOST { names } else { Vec::new() }
}

fn is_ours(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.starts_with(PREFIX) && name.len() == PREFIX.len() + 12 && name.bytes().all(plain)
}

pub(super) fn cookie<'a>(name: &'a str, value: &'a str, secure: bool) -> Cookie<'a> {
    Cookie { name, value, path: "/auth", max_age_s: SECONDS, secure }
}

pub(super) fn forget(name: &str, secure: bool) -> Cookie<'_> {
    Cookie::forget(name, "/auth", secure)
}
