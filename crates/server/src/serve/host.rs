//! The host that a browser asked for. Whether a page is one of ours is judged by comparing its `Origin` with the
//! `Host`, and proxies write that as they like: with a port, without one, or their own name for this server.

use axum::http::{HeaderMap, HeaderValue, header};

/// Puts back what the browser had in its address bar, where its `Origin` (RFC 6454) leaves no doubt: at the public
/// address whatever the proxy made of the host, and elsewhere where only the scheme's usual port was added.
pub fn restore(headers: &mut HeaderMap, public_url: &str) {
    if let Some(host) = as_asked(headers, public_url) {
        headers.insert(header::HOST, host);
    }
}

fn as_asked(headers: &HeaderMap, public_url: &str) -> Option<HeaderValue> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let origin = text(header::ORIGIN)?;
    let (scheme, authority) = origin.split_once("://")?;
    let is_public = same(parts(origin)?, parts(public_url)?);
    let host = text(header::HOST).unwrap_or_default();
    let is_same_host = || same((scheme, authority), (scheme, without_usual_port(scheme, host)));
    (is_public || is_same_host()).then(|| HeaderValue::from_str(authority).ok())?
}

/// Scheme and authority without the port that goes without saying. A path after it is not looked at.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    Some((scheme, without_usual_port(scheme, authority)))
}

fn without_usual_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority)
}

fn same((scheme, host): (&str, &str), (other_scheme, other): (&str, &str)) -> bool {
    scheme.eq_ignore_ascii_case(other_scheme) && host.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restored(public_url: &str, origin: &'static str, host: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        restore(&mut headers, public_url);
        headers[header::HOST].to_str().expect("text").to_owned()
    }

    #[test]
    fn at_the_public_address_the_proxys_host_does_not_count() {
        let public = "https://chat.example.org";
        for host in ["chat.example.org", "chat.example.org:443", "127.0.0.1:8420", "petit:8420", "_"] {
            assert_eq!(restored(public, public, host), "chat.example.org", "{host}");
        }
        for (public, origin) in [
            ("https://chat.example.org:8443", "https://chat.example.org:8443"),
            ("https://Chat.Example.org:443", "https://chat.example.org"),
            ("http://chat.example.org:80/", "http://chat.example.org"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(
                format!(
                    "{}://{}",
                    &origin[..origin.find(':').expect("a scheme")],
                    restored(public, origin, "upstream")
                ),
                origin
            );
        }
    }

    #[test]
    fn the_usual_port_goes_without_saying() {
        let public = "http://127.0.0.1:8420";
        assert_eq!(restored(public, "https://chat.example", "chat.example:443"), "chat.example");
        assert_eq!(restored(public, "http://chat.example", "chat.example:80"), "chat.example");
        assert_eq!(restored(public, "http://chat.example", "chat.example:443"), "chat.example:443");
        assert_eq!(restored(public, "http://localhost:8420", "localhost:8420"), "localhost:8420");
    }

    #[test]
    fn other_sites_stay_others() {
        let public = "https://chat.example.org";
        for origin in [
            "https://evil.example",
            "https://chat.example.org.evil.example",
            "http://chat.example.org:8080",
            "http://chat.example.org:443",
            "https://chat.example.org:8443",
            "https://chat.example.org@evil.example",
            "null",
            "://",
        ] {
            assert_eq!(restored(public, origin, "petit:8420"), "petit:8420", "{origin}");
        }
    }
}
