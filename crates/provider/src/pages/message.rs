//! Pages that say one thing.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{
    layout::{Page, with_retry_after},
    words::words,
};

/// What happened, what to do about it, and a way on.
fn page(status: StatusCode, title: &'static str, heading: &str, lead: &str, card: Markup) -> Page {
    Page { status, title, heading: heading.to_owned(), lead: lead.to_owned(), card, note: None }
}

fn link(to: &str, text: &str) -> Markup {
    html! { a.btn href=(to) { (text) } }
}

fn sign_in_again() -> Markup {
    link("/auth/sign-in", words().sign_in)
}

fn try_again() -> Markup {
    link("/auth/sign-in", words().try_again)
}

/// There is no account at all.
pub(crate) fn no_account_yet() -> Response {
    let words = words();
    let card = html! {
        @for line in words.open_link { p { (line) } }
        (link("/auth/sign-in", words.have_done))
    };
    page(StatusCode::OK, words.almost_ready, words.almost_ready, words.nobody_yet, card).into_response()
}

/// Accounts are made by administrators only.
pub(crate) fn sign_up_closed() -> Response {
    let [title, lead] = words().closed;
    page(StatusCode::FORBIDDEN, title, title, lead, sign_in_again()).into_response()
}

/// There is no invitation, or it was used, or is too old.
pub(crate) fn invitation_useless() -> Response {
    let [title, heading, lead] = words().useless;
    page(StatusCode::FORBIDDEN, title, heading, lead, sign_in_again()).into_response()
}

/// A form that was not made for this browser, or long ago.
pub(crate) fn page_too_old() -> Response {
    let [title, heading, lead] = words().too_old;
    page(StatusCode::BAD_REQUEST, title, heading, lead, sign_in_again()).into_response()
}

/// A request that no program of ours makes.
pub(crate) fn wrong_request(why: &str) -> Response {
    let [title, heading] = words().wrong;
    let lead = (words().wrong_why)(why);
    page(StatusCode::BAD_REQUEST, title, heading, &lead, sign_in_again()).into_response()
}

/// The provider refused, or its answer failed a check.
pub(crate) fn not_signed_in(status: StatusCode, lead: &str) -> Response {
    let [title, heading] = words().not_signed_in;
    page(status, title, heading, lead, try_again()).into_response()
}

/// The address in the browser is not the one people are sent back to.
pub(crate) fn unusual_address(public_url: &str, seen: &str) -> Response {
    let words = words();
    let card = html! {
        p { (words.make_public) code { "petit serve --public-url http://" (seen) } }
        (link(public_url, words.open_known))
    };
    let [title, heading] = words.elsewhere;
    page(StatusCode::BAD_REQUEST, title, heading, &(words.known_as)(public_url), card).into_response()
}

/// Goodbye.
pub(crate) fn signed_out() -> Response {
    let [title, heading, lead] = words().signed_out;
    page(StatusCode::OK, title, heading, lead, sign_in_again()).into_response()
}

/// A part behind does not answer.
pub(crate) fn busy(lead: &str) -> Response {
    let [title, heading] = words().one_moment;
    with_retry_after(5, page(StatusCode::SERVICE_UNAVAILABLE, title, heading, lead, try_again()))
}

/// Nothing can be written.
pub(crate) fn disk_full() -> Response {
    let words = words();
    page(StatusCode::INSUFFICIENT_STORAGE, words.not_now, words.not_now, words.disk_full, try_again())
        .into_response()
}

/// Our mistake.
pub(crate) fn failed() -> Response {
    let words = words();
    page(StatusCode::INTERNAL_SERVER_ERROR, words.broke, words.broke, words.our_mistake, try_again())
        .into_response()
}
