//! Who asks. A request carried by a socket brings its caller along; others bring a token.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts},
};
use petit_app::{
    App, AppError, Caller,
    sessions::{self, Presented},
};
use petit_protocol::codes;

use crate::error::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A caller who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Signed(pub Caller);

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        if let Some(caller) = parts.extensions.get::<Caller>() {
            return Ok(Self(*caller));
        }
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let token = match sessions::presented(text(header::AUTHORIZATION), text(header::COOKIE)) {
            Some(Presented::Bearer(token)) => token,
            Some(Presented::Cookie(token)) => {
                check_same_site(&parts.method, &parts.headers)?;
                token
            }
            None => return Err(AppError::Unauthenticated.into()),
        };
        Ok(Self(sessions::authenticate(app, token).await?))
    }
}

/// A browser adds the cookie to whatever any page asks for; only our own pages may change things with it.
fn check_same_site(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD) || is_ours(headers) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, codes::CROSS_SITE, "Another site's page sent this request."))
}

fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    let origin = text(&header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == text(&header::HOST)
}
