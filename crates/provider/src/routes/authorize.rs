//! The authorization endpoint: checks the request, then shows the sign-in page.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    response::Response,
};
use petit_app::AppError;
use petit_domain::{Timestamp, UserId};

use super::redirect::{see_other, with_query};
use crate::{
    Provider,
    authorization::{Authorization, Parameters, Refusal},
    cookies::Cookie,
    errors, forms,
    grants::Grant,
    pages::{self, SignInPage},
    registration,
    visitor::{Visitor, arrival_cookie, browser_cookie},
};

/// Seals the request into the sign-in form.
pub(super) const FORM: &str = "oidc sign-in form";

pub(super) async fn by_query(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    authorize(&provider, &visitor, parameters.ok().map(|Query(parameters)| parameters)).await
}

pub(super) async fn by_form(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    parameters: Result<Form<Parameters>, FormRejection>,
) -> Response {
    authorize(&provider, &visitor, parameters.ok().map(|Form(parameters)| parameters)).await
}

/// Somebody reloaded the answer to a form: the way in begins at the product.
pub(super) async fn start_again() -> Response {
    see_other("/auth/sign-in")
}

async fn authorize(provider: &Provider, visitor: &Visitor, parameters: Option<Parameters>) -> Response {
    let Some(parameters) = parameters else { return pages::wrong_request("The request is not complete.") };
    match parameters.check(&provider.client) {
        Err(Refusal::Stay(why)) => pages::wrong_request(why),
        Err(Refusal::Tell { redirect_uri, state, error }) => tell(&redirect_uri, state.as_deref(), error),
        Ok(request) => answer(provider, visitor, request).await.unwrap_or_else(errors::page),
    }
}

async fn answer(
    provider: &Provider,
    visitor: &Visitor,
    request: Authorization,
) -> Result<Response, AppError> {
    let arrival =
        visitor.arrival.as_deref().and_then(|secret| provider.arrivals.take(secret, provider.now()));
    if let Some(arrival) = arrival {
        let answer = grant(provider, request, arrival.subject, arrival.at);
        return Ok(Cookie::set(&[arrival_cookie("", 0, provider.is_secure())], answer));
    }
    if request.silent {
        return Ok(tell(&request.redirect_uri, request.state.as_deref(), "login_required"));
    }
    if registration::is_empty(provider).await? {
        return Ok(pages::no_account_yet());
    }
    Ok(ask(provider, visitor, request, "", |page| page.first()))
}

/// A sign-in page for this browser and request, shown as `show` decides.
pub(super) fn ask(
    provider: &Provider,
    visitor: &Visitor,
    request: Authorization,
    username: &str,
    show: impl FnOnce(SignInPage<'_>) -> Response,
) -> Response {
    let browser = visitor.browser(provider.random());
    let page = SignInPage {
        place: provider.place(),
        server: provider.name(),
        sign_up: provider.sign_up,
        form: forms::seal(provider, FORM, &browser, request),
        username,
    };
    Cookie::set(&[browser_cookie(&browser, forms::FORM_SECONDS, provider.is_secure())], show(page))
}

/// Sends the browser back with a code.
pub(super) fn grant(
    provider: &Provider,
    request: Authorization,
    subject: UserId,
    signed_in_at: Timestamp,
) -> Response {
    let Authorization { redirect_uri, state, nonce, code_challenge, .. } = request;
    let grant = Grant {
        subject,
        signed_in_at,
        client_id: provider.client.id.to_owned(),
        redirect_uri: redirect_uri.clone(),
        code_challenge,
        nonce,
    };
    let code = provider.grants.issue_code(grant, provider.now(), provider.random());
    send_back(&redirect_uri, state.as_deref(), ("code", &code))
}

fn tell(redirect_uri: &str, state: Option<&str>, error: &str) -> Response {
    send_back(redirect_uri, state, ("error", error))
}

fn send_back(redirect_uri: &str, state: Option<&str>, what: (&str, &str)) -> Response {
    let pairs: Vec<(&str, &str)> = std::iter::once(what).chain(state.map(|state| ("state", state))).collect();
    see_other(&with_query(redirect_uri, &pairs))
}
