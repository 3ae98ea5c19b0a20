//! Cookies of the way in.

use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

/// All cookies a browser sent, by name.
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The first cookie of this name.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers).find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A cookie to set. Scripts never see it, and other sites do not make the browser send it except by
/// leading people here.
pub(crate) struct Cookie<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) path: &'static str,
    pub(crate) max_age_s: i64,
    pub(crate) secure: bool,
}

impl Cookie<'_> {
    /// Makes the browser forget a cookie.
    pub(crate) const fn forget<'a>(name: &'a str, path: &'static str, secure: bool) -> Cookie<'a> {
        Cookie { name, value: "", path, max_age_s: 0, secure }
    }

    fn header(&self) -> Option<HeaderValue> {
        let Self { name, value, path, max_age_s, secure } = self;
        let secure = if *secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).ok()
    }

    /// The answer, with these cookies to set.
    pub(crate) fn set(cookies: &[Cookie<'_>], answer: impl IntoResponse) -> Response {
        let headers = cookies.iter().filter_map(Cookie::header).map(|value| (header::SET_COOKIE, value));
        (AppendHeaders(headers), answer).into_response()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_str(line).expect("a header"))).collect()
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let headers = sent(&["a=1; petit_session=pc_x=; b", "petit_session=later"]);
        assert_eq!(find(&headers, "petit_session"), Some("pc_x="));
        assert_eq!(find(&headers, "session"), None);
        assert_eq!(find(&headers, "b"), None);
    }

    #[test]
    fn a_cookie_is_hidden_from_scripts_and_other_sites() {
        let cookie = Cookie { name: "n", value: "v", path: "/auth", max_age_s: 60, secure: true };
        assert_eq!(
            cookie.header().expect("a header"),
            "n=v; Path=/auth; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
    }

    proptest! {
        #[test]
        fn any_cookie_header_is_read_without_harm(line in "[ -~]{0,200}") {
            let headers = sent(&[&line]);
            prop_assert!(all(&headers).count() <= line.len() + 1);
        }
    }
}
