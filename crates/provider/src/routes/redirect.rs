use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages;

/// `address?name=value&…` with everything that is not a letter or digit escaped.
pub(crate) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let mark = if address.contains('?') { '&' } else { '?' };
    if pairs.is_empty() { address.to_owned() } else { format!("{address}{mark}{}", pairs.join("&")) }
}

/// Sends the browser on with GET, and keeps the address out of caches.
pub(crate) fn see_other(address: &str) -> Response {
    match http::HeaderValue::try_from(address) {
        Ok(address) => {
            let no_store = http::HeaderValue::from_static("no-store");
            let headers = [(header::LOCATION, address), (header::CACHE_CONTROL, no_store)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => pages::failed(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_escaped() {
        let url = with_query("https://a.example/b", &[("state", "a b&c=d#é"), ("x", "1")]);
        assert_eq!(url, "https://a.example/b?state=a%20b%26c%3Dd%23%C3%A9&x=1");
        assert_eq!(with_query("https://a.example/b?c=d", &[("x", "1")]), "https://a.example/b?c=d&x=1");
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_parameter(value in any::<String>()) {
            let url = with_query("https://a.example/b", &[("state", &value)]);
            let rest = url.strip_prefix("https://a.example/b?state=").expect("the prefix");
            prop_assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'%'));
        }
    }
}
