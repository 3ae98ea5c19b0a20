use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What is said to the next hop alone (RFC 9110, 7.6.1).
const HOPS: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Removes what was for us alone, and what `Connection` names.
pub(super) fn without_hops(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> =
        lines.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in HOPS.iter().chain(&named) {
        headers.remove(name);
    }
}

/// Whether who answered ends the connection.
pub(super) fn ends_connection(headers: &HeaderMap) -> bool {
    headers.get(header::CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
}

/// Says whom the request is from. What stood there before was weighed when that was found out.
pub(super) fn comes_from(headers: &mut HeaderMap, client: Option<IpAddr>) {
    headers.remove(FORWARDED_FOR);
    let client = client.and_then(|client| HeaderValue::try_from(client.to_string()).ok());
    headers.extend(client.map(|client| (FORWARDED_FOR, client)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_one_hop_goes_no_further() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Own"),
            ("x-own", "1"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("host", "chat.example"),
            ("cookie", "a=b"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        without_hops(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["cookie", "host"]);
    }

    #[test]
    fn the_client_cannot_say_where_it_comes_from() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_static("6.6.6.6"));
        comes_from(&mut headers, Some([192, 0, 2, 1].into()));
        assert_eq!(headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>(), ["192.0.2.1"]);
        comes_from(&mut headers, None);
        assert!(headers.is_empty());
    }
}
