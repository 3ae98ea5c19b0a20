//! Who asks for the client's page.

use axum::http::{HeaderMap, Uri, header::COOKIE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use petit_app::sessions;

pub const SIGN_IN: &str = "/auth/sign-in";

/// Whether a browser has no session at all. Whether one still counts is found out by the client, which may have
/// to say why it ended.
pub fn is_stranger(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut names = cookies.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.split_once('='));
    !names.any(|(name, value)| name.trim() == sessions::COOKIE && !value.trim().is_empty())
}

/// Where to sign in, and come back.
pub fn sign_in(uri: &Uri) -> String {
    let place = uri.path_and_query().map_or("/", |place| place.as_str());
    format!("{SIGN_IN}?return_to={}", utf8_percent_encode(place, NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_session_is_found_by_its_whole_name() {
        for (cookies, expected) in [
            ("petit_session=pc_x", false),
            ("a=1; petit_session=pc_x=", false),
            ("petit_session=", true),
            ("petit_session_old=pc_x; a=petit_session", true),
        ] {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookies))]);
            assert_eq!(is_stranger(&headers), expected, "{cookies}");
        }
        assert!(is_stranger(&HeaderMap::new()));
    }
}
