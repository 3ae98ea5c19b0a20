use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use petit_config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from. Each proxy appends who spoke to it, so the list is believed from its end,
/// as far as it was written by proxies that are trusted.
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> SocketAddr {
    let is_proxy = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip.to_canonical()));
    if trusted.is_empty() || !is_proxy(peer.ip()) {
        return peer;
    }
    let mut client = peer;
    for ip in forwarded(headers).into_iter().rev() {
        let Some(ip) = ip else { break };
        client = SocketAddr::new(ip, 0);
        if !is_proxy(ip) {
            break;
        }
    }
    client
}

fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let entries = lines.flat_map(|line| line.split(',')).map(str::trim);
    entries.filter(|entry| !entry.is_empty()).map(ip).collect()
}

/// An address as proxies write it: bare, with a port, in brackets, in quotes, or an IPv4 one as IPv6.
fn ip(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_matches('"');
    let inside = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(bare);
    let with_port = || bare.parse::<SocketAddr>().ok().map(|address| address.ip());
    inside.parse::<IpAddr>().ok().or_else(with_port).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let headers = HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(FORWARDED_FOR),
            forwarded.parse().expect("a header"),
        )]);
        let trusted: Vec<Network> =
            trusted.iter().map(|text| Network::try_from((*text).to_owned()).expect("a network")).collect();
        client(peer.parse().expect("an address"), &headers, &trusted).ip().to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(seen("192.0.2.1:9", "198.51.100.7", &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1:9", "198.51.100.7", &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_the_first_stranger() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"];
        assert_eq!(seen("127.0.0.1:9", "198.51.100.7", &trusted), "198.51.100.7");
        assert_eq!(seen("127.0.0.1:9", "203.0.113.9, 198.51.100.7, 10.1.2.3", &trusted), "198.51.100.7");
    }

    #[test]
    fn proxies_write_addresses_in_many_ways() {
        let trusted = ["127.0.0.1", "10.0.0.0/8"];
        for entry in [
            "198.51.100.7",
            "198.51.100.7:4711",
            "\"198.51.100.7:4711\"",
            "::ffff:198.51.100.7",
            "[::ffff:198.51.100.7]:80",
            "198.51.100.7, ",
            ", 198.51.100.7,,10.0.0.2:99",
        ] {
            assert_eq!(seen("127.0.0.1:9", entry, &trusted), "198.51.100.7", "{entry}");
            assert_eq!(seen("[::ffff:127.0.0.1]:9", entry, &trusted), "198.51.100.7", "{entry}");
        }
        for entry in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443", "\"[2001:db8::7]:443\""] {
            assert_eq!(seen("127.0.0.1:9", entry, &trusted), "2001:db8::7", "{entry}");
        }
        for entry in ["unknown", "_hidden", "198.51.100.7:port", "1.2.3", "fe80::1%eth0"] {
            assert_eq!(seen("127.0.0.1:9", entry, &trusted), "127.0.0.1", "{entry}");
        }
    }

    #[test]
    fn what_a_client_makes_up_is_not_reached() {
        let trusted = ["127.0.0.1"];
        assert_eq!(seen("127.0.0.1:9", "6.6.6.6, 198.51.100.7", &trusted), "198.51.100.7");
        assert_eq!(seen("127.0.0.1:9", "nonsense", &trusted), "127.0.0.1");
        assert_eq!(seen("127.0.0.1:9", "127.0.0.1", &trusted), "127.0.0.1");
    }
}
