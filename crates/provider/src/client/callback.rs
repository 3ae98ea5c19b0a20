use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode, header};
use petit_app::{
    AppError, people,
    ports::{IdentityError, SignedIn},
    sessions,
};
use petit_domain::SessionKind;
use serde::Deserialize;

use super::{
    Client, SESSION_SECONDS, browser, hint,
    pending::{self, Pending},
};
use crate::{
    cookies::{self, Cookie},
    errors, pages,
    routes::see_other,
};

/// What the provider sends the browser back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Return {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Finishes the sign-in this browser began.
pub(super) async fn finish(
    State(client): State<Arc<Client>>,
    headers: HeaderMap,
    sent: Result<Query<Return>, QueryRejection>,
) -> Response {
    let Query(sent) = sent.unwrap_or_default();
    let state = sent.state.unwrap_or_default();
    let Some(pending) = Pending::open(&client.app, &headers, &state) else {
        return not_begun_here(&client, &headers).await;
    };
    let answer = match (sent.code, sent.error) {
        (Some(code), None) => redeem(&client, &headers, &pending, &state, &code).await,
        (_, error) => refused(error.as_deref()),
    };
    Cookie::set(&[pending::forget(&pending::name(&state), client.secure)], answer)
}

/// Who is signed in has gone back in their browser, to a sign-in that is done. They are sent home; anybody else has
/// to begin anew.
async fn not_begun_here(client: &Client, headers: &HeaderMap) -> Response {
    if let Some(token) = cookies::find(headers, sessions::COOKIE)
        && sessions::authenticate(&client.app, token).await.is_ok()
    {
        return see_other("/");
    }
    pages::not_signed_in(StatusCode::BAD_REQUEST, pages::words().begun_elsewhere)
}

async fn redeem(
    client: &Client,
    headers: &HeaderMap,
    pending: &Pending,
    state: &str,
    code: &str,
) -> Response {
    let finished = client.identity.finish(&client.redirect_uri(), &pending.sign_in, state, code).await;
    match finished {
        Ok(who) => match open_session(client, headers, &who).await {
            Ok(token) => {
                let session = client.session_cookie(&token, SESSION_SECONDS);
                let hint = hint::cookie(&who.id_token, SESSION_SECONDS, client.secure);
                Cookie::set(&[session, hint], see_other(&pending.return_to))
            }
            // The provider has just ended the session by which they came.
            Err(AppError::Unauthenticated) => {
                pages::not_signed_in(StatusCode::FORBIDDEN, pages::words().been_signed_out)
            }
            Err(error) => errors::page(error),
        },
        Err(error) => not_finished(&error),
    }
}

/// Finds or makes the person, and gives this browser a session in place of the one it had.
async fn open_session(client: &Client, headers: &HeaderMap, who: &SignedIn) -> Result<String, AppError> {
    let app = &client.app;
    let username = who.username.as_deref().or(who.name.as_deref()).unwrap_or("someone");
    let name = who.name.as_deref().unwrap_or(username);
    if let Some(email) = who.verified_email.as_deref().filter(|_| client.link_verified_email) {
        people::link_by_email(app, &who.external, email).await?;
    }
    let person = people::ensure(app, &who.external, username, name, who.role).await?;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let label = browser::label(agent);
    let (_, token) = sessions::create_within(
        app,
        person.id,
        SessionKind::Browser,
        &label,
        Some(SESSION_SECONDS),
        who.session.clone(),
    )
    .await?;
    if let Some(old) = cookies::find(headers, sessions::COOKIE) {
        end_session(client, old).await;
    }
    Ok(token)
}

/// Ends a session of this browser. If that fails, it ends by itself one day.
async fn end_session(client: &Client, token: &str) {
    if let Ok(caller) = sessions::authenticate(&client.app, token).await
        && let Err(error) = sessions::revoke(&client.app, caller.user, caller.session).await
    {
        tracing::warn!(%error, "Could not end a session that is not to be used any more");
    }
}

/// The provider sent the browser back without a code.
fn refused(error: Option<&str>) -> Response {
    let words = pages::words();
    match error {
        Some("access_denied") => pages::not_signed_in(StatusCode::FORBIDDEN, words.cancelled),
        Some("temporarily_unavailable" | "server_error") => pages::busy(words.service_not_ready),
        _ => pages::not_signed_in(StatusCode::BAD_REQUEST, words.not_let_in),
    }
}

fn not_finished(error: &IdentityError) -> Response {
    tracing::warn!(?error, "A sign-in did not end well: {error}");
    match error {
        IdentityError::Unavailable(_) => pages::busy(pages::words().service_silent),
        IdentityError::Refused(_) => pages::not_signed_in(StatusCode::FORBIDDEN, pages::words().not_checked),
    }
}
