//! Pages that say one thing.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};

use super::layout::{Page, with_retry_after};

/// What happened, what to do about it, and a way on.
fn page(status: StatusCode, title: &'static str, heading: &str, lead: &str, card: Markup) -> Page {
    Page { status, title, heading: heading.to_owned(), lead: lead.to_owned(), card, note: None }
}

fn link(to: &str, text: &str) -> Markup {
    html! { a.btn href=(to) { (text) } }
}

fn sign_in_again() -> Markup {
    link("/auth/sign-in", "Sign in")
}

/// There is no account at all.
pub(crate) fn no_account_yet() -> Response {
    let card = html! {
        p { "Open the link that was printed in the terminal when Petit chat started. It makes the first account, the owner's." }
        p { "It is printed again at every start, until somebody has used it." }
        (link("/auth/sign-in", "I have done that"))
    };
    page(StatusCode::OK, "Almost ready", "Almost ready", "Nobody has an account here yet.", card)
        .into_response()
}

/// Accounts are made by administrators only.
pub(crate) fn sign_up_closed() -> Response {
    let lead = "New accounts are made by an administrator.";
    page(StatusCode::FORBIDDEN, "Sign-up is closed", "Sign-up is closed", lead, sign_in_again())
        .into_response()
}

/// There is no invitation, or it was used, or is too old.
pub(crate) fn invitation_useless() -> Response {
    let lead = "It was used already, is too old, or was not copied whole. Ask for a new one.";
    page(StatusCode::FORBIDDEN, "Invite link", "This link does not work", lead, sign_in_again())
        .into_response()
}

/// A form that was not made for this browser, or long ago.
pub(crate) fn page_too_old() -> Response {
    let lead = "Nothing was sent. Please start again.";
    page(StatusCode::BAD_REQUEST, "Start again", "That page was too old", lead, sign_in_again())
        .into_response()
}

/// A request that no program of ours makes.
pub(crate) fn wrong_request(why: &str) -> Response {
    let lead = format!("{why} Please start again.");
    page(StatusCode::BAD_REQUEST, "Start again", "That did not work", &lead, sign_in_again()).into_response()
}

/// The provider refused, or its answer failed a check.
pub(crate) fn not_signed_in(status: StatusCode, lead: &str) -> Response {
    page(status, "Not signed in", "You are not signed in", lead, link("/auth/sign-in", "Try again"))
        .into_response()
}

/// The address in the browser is not the one people are sent back to.
pub(crate) fn unusual_address(public_url: &str, seen: &str) -> Response {
    let card = html! {
        p { "Whoever runs it can make this address the public one: " code { "petit serve --public-url http://" (seen) } }
        (link(public_url, "Open the known address"))
    };
    let lead = format!("This server knows itself as {public_url}.");
    page(StatusCode::BAD_REQUEST, "Another address", "Another address, please", &lead, card).into_response()
}

/// Goodbye.
pub(crate) fn signed_out() -> Response {
    page(StatusCode::OK, "Signed out", "You are signed out", "See you soon.", sign_in_again()).into_response()
}

/// A part behind does not answer.
pub(crate) fn busy(lead: &str) -> Response {
    let card = link("/auth/sign-in", "Try again");
    let page = page(StatusCode::SERVICE_UNAVAILABLE, "One moment", "One moment, please", lead, card);
    with_retry_after(5, page)
}

/// Nothing can be written.
pub(crate) fn disk_full() -> Response {
    let lead = "The server's disk is full. Whoever runs it has to make room first.";
    let card = link("/auth/sign-in", "Try again");
    page(StatusCode::INSUFFICIENT_STORAGE, "Not possible now", "Not possible now", lead, card).into_response()
}

/// Our mistake.
pub(crate) fn failed() -> Response {
    let lead = "That is the server's mistake, not yours. Its log says more.";
    let card = link("/auth/sign-in", "Try again");
    page(StatusCode::INTERNAL_SERVER_ERROR, "Something broke", "Something broke", lead, card).into_response()
}
