//! Who asks: a request a gateway vouches for, here or in another process, a bearer token, or a browser's
//! cookie.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderValue, StatusCode, header, request::Parts};
use petit_app::{
    App, AppError, Caller,
    sessions::{self, Presented},
    vouch,
};
use petit_protocol::codes;

use crate::ApiError;

/// The signed-in person who asks.
#[derive(Clone, Copy, Debug)]
pub struct Signed(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Signed
where
    Arc<App>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Only code in this process can put it there: the socket's requests come with who they are from.
        if let Some(caller) = parts.extensions.get::<Caller>() {
            return Ok(Self(*caller));
        }
        let app = Arc::<App>::from_ref(state);
        if let Some(proof) = parts.headers.get(vouch::HEADER) {
            let caller = proof.to_str().ok().and_then(|proof| vouch::believe(app.seal(), proof, app.now()));
            return caller.map(Self).ok_or_else(|| AppError::Unauthenticated.into());
        }
        Ok(Self(sessions::authenticate(&app, token(parts)?).await?))
    }
}

/// The secret this request shows. A cookie is sent by browsers whatever page asks them to, so with one
/// alone nothing may be changed unless the page is ours.
fn token(parts: &Parts) -> Result<&str, ApiError> {
    let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match sessions::presented(header(header::AUTHORIZATION), header(header::COOKIE)) {
        None => Err(AppError::Unauthenticated.into()),
        Some(Presented::Bearer(token)) => Ok(token),
        Some(Presented::Cookie(token)) if parts.method.is_safe() || is_same_site(parts) => Ok(token),
        Some(Presented::Cookie(_)) => {
            let detail = "A page of another site sent this request.";
            Err(ApiError::new(StatusCode::FORBIDDEN, codes::CROSS_SITE, detail))
        }
    }
}

/// Browsers say where a request comes from: `Sec-Fetch-Site` where the address is a trustworthy one,
/// `Origin` otherwise. Neither can be set by a page.
fn is_same_site(parts: &Parts) -> bool {
    match parts.headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => {
            matches!((origin_host(parts), asked_host(parts)), (Some(from), Some(to)) if from.eq_ignore_ascii_case(to))
        }
    }
}

fn origin_host(parts: &Parts) -> Option<&str> {
    let origin = parts.headers.get(header::ORIGIN)?.to_str().ok()?;
    origin.split_once("://").map(|(_, host)| host)
}

fn asked_host(parts: &Parts) -> Option<&str> {
    match parts.headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => parts.uri.authority().map(|authority| authority.as_str()),
    }
}
