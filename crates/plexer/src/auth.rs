//! Who opens a stream or asks for presence.

use http::{HeaderMap, header, request::Parts};
use petit_app::{
    AppError, Caller,
    sessions::{self, Presented},
};

use crate::backstage::Backstage;

/// The caller: known from the socket that carries the request, by ticket, bearer token or cookie.
pub(crate) async fn caller(
    backstage: &dyn Backstage,
    parts: &Parts,
    ticket: Option<&str>,
) -> Result<Caller, AppError> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(*caller);
    }
    if let Some(ticket) = ticket {
        return backstage.redeem_ticket(ticket).await;
    }
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    match sessions::presented(text(header::AUTHORIZATION), text(header::COOKIE)) {
        Some(Presented::Bearer(token) | Presented::Cookie(token)) => backstage.authenticate(token).await,
        None => Err(AppError::Unauthenticated),
    }
}

/// Whether the page that asks, if it is a page, is one of ours. Programs send no `Origin`.
pub(crate) fn is_same_site(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_page_of_another_site_is_noticed() {
        let host = (header::HOST, "chat.example:8420");
        assert!(is_same_site(&headers(std::slice::from_ref(&host))));
        assert!(is_same_site(&headers(&[host.clone(), (header::ORIGIN, "http://chat.example:8420")])));
        for origin in ["http://evil.example", "http://chat.example", "null", "chat.example:8420"] {
            assert!(!is_same_site(&headers(&[host.clone(), (header::ORIGIN, origin)])), "{origin}");
        }
    }
}
