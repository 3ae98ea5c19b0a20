//! What the pages say, in the language that the browser asks for.

mod en;
mod fr;

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, header};

tokio::task_local! {
    /// The language of the request that is being answered.
    static SPOKEN: &'static Words;
}

/// Every sentence of the pages. Each language fills all of it.
pub(crate) struct Words {
    /// As HTML names the language.
    pub(super) lang: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) sign_in_to: fn(server: &str) -> String,
    pub(super) no_match: [&'static str; 2],
    pub(super) too_many: &'static str,
    pub(super) wait: fn(seconds: u32) -> String,
    pub(super) many_people: [&'static str; 2],
    /// What leads to a new account, the words of the link, and what ends the sentence.
    pub(super) no_account: [&'static str; 3],
    pub(super) no_account_invited: &'static str,
    pub(super) no_account_closed: &'static str,
    pub(super) forgotten: &'static str,
    pub(super) welcome: fn(server: &str) -> String,
    pub(super) join: fn(server: &str) -> String,
    pub(super) first_account: &'static str,
    pub(super) set_up: &'static str,
    pub(super) create: &'static str,
    pub(super) create_account: &'static str,
    pub(super) invite_afterwards: &'static str,
    pub(super) have_account: [&'static str; 3],
    pub(super) name: &'static str,
    pub(super) username: &'static str,
    pub(super) username_hint: &'static str,
    pub(super) password: &'static str,
    pub(super) password_hint: &'static str,
    pub(crate) one_thing: &'static str,
    pub(crate) taken: [&'static str; 2],
    /// Why a part of a new account was refused, by its code; `None` if the refusal says it in this language.
    pub(crate) refusal: fn(code: &str) -> Option<&'static str>,
    pub(super) almost_ready: &'static str,
    pub(super) nobody_yet: &'static str,
    pub(super) open_link: [&'static str; 2],
    pub(super) have_done: &'static str,
    pub(super) closed: [&'static str; 2],
    pub(super) useless: [&'static str; 3],
    pub(super) too_old: [&'static str; 3],
    pub(super) wrong: [&'static str; 2],
    pub(super) wrong_why: fn(why: &str) -> String,
    pub(super) not_signed_in: [&'static str; 2],
    pub(super) try_again: &'static str,
    pub(super) elsewhere: [&'static str; 2],
    pub(super) known_as: fn(address: &str) -> String,
    pub(super) make_public: &'static str,
    pub(super) open_known: &'static str,
    pub(super) signed_out: [&'static str; 3],
    pub(super) one_moment: [&'static str; 2],
    pub(super) not_now: &'static str,
    pub(super) disk_full: &'static str,
    pub(super) broke: &'static str,
    pub(super) our_mistake: &'static str,
    pub(crate) part_silent: &'static str,
    pub(crate) too_fast: &'static str,
    pub(crate) service_silent: &'static str,
    pub(crate) service_not_ready: &'static str,
    pub(crate) begun_elsewhere: &'static str,
    pub(crate) been_signed_out: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) not_let_in: &'static str,
    pub(crate) not_checked: &'static str,
}

/// Those of the request that is being answered; English where there is none.
pub(crate) fn words() -> &'static Words {
    SPOKEN.try_with(|words| *words).unwrap_or(&en::WORDS)
}

/// Answers a request in the language its browser asks for.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let words = asked_for(request.headers());
    SPOKEN.scope(words, next.run(request)).await
}

/// The language that a browser likes best of those we have (RFC 9110, section 12.5.4), the first of several.
fn asked_for(headers: &HeaderMap) -> &'static Words {
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (&en::WORDS, 0.0);
    for range in asked.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let quality =
            parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let known =
            [&en::WORDS, &fr::WORDS].into_iter().find(|words| primary.eq_ignore_ascii_case(words.lang));
        if let (Some(words), Some(quality)) = (known, quality)
            && quality > best.1
        {
            best = (words, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(asked: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, asked.parse().unwrap());
        asked_for(&headers).lang
    }

    #[test]
    fn a_browser_gets_the_language_it_likes_best_of_ours() {
        for (asked, lang) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
            ("FR", "fr"),
            ("de-DE,fr;q=0.3,en;q=0.2", "fr"),
            ("en-GB,fr", "en"),
            ("fr;q=0.1, en;q=0.2", "en"),
            ("fr;q=0", "en"),
            ("de", "en"),
            ("", "en"),
            (";;,q=,fr;q=x,*", "en"),
            ("fry-NL", "en"),
        ] {
            assert_eq!(spoken(asked), lang, "{asked}");
        }
        assert_eq!(asked_for(&HeaderMap::new()).lang, "en");
    }
}
