use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use petit_app::{AppError, sessions};
use serde::Serialize;

use super::{Client, hint};
use crate::{
    cookies::{self, Cookie},
    errors,
    routes::see_other,
};

/// Ends the session of this browser, here and at the provider.
pub(super) async fn end(State(client): State<Arc<Client>>, headers: HeaderMap) -> Response {
    if !is_same_site(&headers) {
        return (StatusCode::FORBIDDEN, "Only Petit chat's own pages may sign you out.").into_response();
    }
    match revoke(&client, &headers).await {
        Ok(()) => {
            let place = where_to(&client, hint::find(&headers)).await;
            let forgotten = [client.session_cookie("", 0), hint::cookie("", 0, client.secure)];
            match wants_json(&headers) {
                true => Cookie::set(&forgotten, Json(Left { next: place })),
                false => Cookie::set(&forgotten, see_other(&place)),
            }
        }
        Err(error) => errors::page(error),
    }
}

/// Where a page that signed somebody out has to go, so that the provider hears of it too.
#[derive(Serialize)]
struct Left {
    next: String,
}

/// A page that asks by script cannot be led to another site by an answer: it is told where to go.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("application/json"))
}

/// Ends the session for good. One that is over already is fine.
async fn revoke(client: &Client, headers: &HeaderMap) -> Result<(), AppError> {
    let Some(token) = cookies::find(headers, sessions::COOKIE) else { return Ok(()) };
    match sessions::authenticate(&client.app, token).await {
        Ok(caller) => sessions::revoke(&client.app, caller.user, caller.session).await,
        Err(AppError::Unauthenticated) => Ok(()),
        Err(error) => Err(error),
    }
}

/// To the provider, so that it forgets who was signed in, too; home if it has no such place.
async fn where_to(client: &Client, id_token: Option<&str>) -> String {
    let home = format!("{}/", client.public_url);
    match client.identity.end_session_url(&home, id_token).await {
        Ok(Some(url)) => url,
        Ok(None) | Err(_) => "/".to_owned(),
    }
}

/// Whether one of our own pages sent this. Browsers tell, and no page can make them lie.
fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (Some(site), ..) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn from(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_count() {
        assert!(is_same_site(&from(&[("sec-fetch-site", "same-origin")])));
        assert!(is_same_site(&from(&[("origin", "https://chat.example"), ("host", "chat.example")])));
        for bad in [
            from(&[]),
            from(&[("host", "chat.example")]),
            from(&[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://chat.example"),
                ("host", "chat.example"),
            ]),
            from(&[("sec-fetch-site", "same-site")]),
            from(&[("origin", "null"), ("host", "chat.example")]),
            from(&[("origin", "https://evil.example"), ("host", "chat.example")]),
            from(&[("origin", "https://chat.example.evil.example"), ("host", "chat.example")]),
        ] {
            assert!(!is_same_site(&bad), "{bad:?}");
        }
    }
}
