//! Forms that only the browser they were shown to can send back, and only for an hour. They carry
//! what they are about, so the server remembers nothing while somebody types.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Provider,
    secret::{digest_text, same},
    visitor::Visitor,
};

/// How long a page may stay open.
pub(crate) const FORM_SECONDS: i64 = 3600;

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    browser: String,
    until: i64,
    about: T,
}

/// The hidden field of a form for this browser.
pub(crate) fn seal<T: Serialize>(provider: &Provider, purpose: &str, browser: &str, about: T) -> String {
    let until = provider.now().plus_seconds(FORM_SECONDS).micros();
    let sealed = Sealed { browser: digest_text(browser), until, about };
    provider.app.sign(purpose, &serde_json::to_vec(&sealed).unwrap_or_default())
}

/// What the form is about, if this browser was shown it within the hour.
pub(crate) fn open<T: DeserializeOwned>(
    provider: &Provider,
    purpose: &str,
    visitor: &Visitor,
    field: &str,
) -> Option<T> {
    let sealed: Sealed<T> = serde_json::from_slice(&provider.app.verify(purpose, field)?).ok()?;
    let browser = digest_text(visitor.browser.as_deref()?);
    let fresh = provider.now().micros() < sealed.until;
    (fresh && same(&sealed.browser, &browser)).then_some(sealed.about)
}
