use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use petit_config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from. Each proxy appends who spoke to it, so the list is believed from its end,
/// as far as it was written by proxies that are trusted.
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> SocketAddr {
    let is_proxy = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
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
    lines.flat_map(|line| line.split(',')).map(|ip| ip.trim().parse().ok()).collect()
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
    fn what_a_client_makes_up_is_not_reached() {
        let trusted = ["127.0.0.1"];
        assert_eq!(seen("127.0.0.1:9", "6.6.6.6, 198.51.100.7", &trusted), "198.51.100.7");
        assert_eq!(seen("127.0.0.1:9", "nonsense", &trusted), "127.0.0.1");
        assert_eq!(seen("127.0.0.1:9", "127.0.0.1", &trusted), "127.0.0.1");
    }
}
