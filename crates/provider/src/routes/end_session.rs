use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::redirect::{see_other, with_query};
use crate::{
    Provider,
    cookies::Cookie,
    pages,
    visitor::{arrival_cookie, browser_cookie},
};

/// What RP-initiated logout sends. A hint about who it is would say nothing: no session is kept here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignOut {
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

pub(super) async fn by_query(
    State(provider): State<Arc<Provider>>,
    sent: Result<Query<SignOut>, QueryRejection>,
) -> Response {
    end(&provider, sent.ok().map(|Query(sent)| sent))
}

pub(super) async fn by_form(
    State(provider): State<Arc<Provider>>,
    sent: Result<Form<SignOut>, FormRejection>,
) -> Response {
    end(&provider, sent.ok().map(|Form(sent)| sent))
}

/// Forgets what little this browser was given, and sends it back to the product if that asks.
fn end(provider: &Provider, sent: Option<SignOut>) -> Response {
    let Some(SignOut { client_id, post_logout_redirect_uri, state }) = sent else {
        return pages::wrong_request("The request is not complete.");
    };
    let ours = client_id.is_none_or(|id| id == provider.client.id);
    let state: Vec<(&str, &str)> = state.iter().map(|state| ("state", state.as_str())).collect();
    let answer = match post_logout_redirect_uri {
        None if ours => pages::signed_out(),
        Some(back) if ours && back == provider.client.after_sign_out => see_other(&with_query(&back, &state)),
        _ => return pages::wrong_request("The application asked to send you somewhere it may not."),
    };
    let secure = provider.is_secure();
    Cookie::set(&[browser_cookie("", 0, secure), arrival_cookie("", 0, secure)], answer)
}
