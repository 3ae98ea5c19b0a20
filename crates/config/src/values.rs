//! Values that are checked where they are read.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

/// A part of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// REST, sign-in and the web client.
    Api,
    /// Sockets and event streams.
    Plexer,
    /// Finishes what a crash interrupted.
    Worker,
    /// Who is here, and what is new, for all plexers.
    Notifier,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Api, Self::Plexer, Self::Worker, Self::Notifier];
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "api" => Ok(Self::Api),
            "plexer" => Ok(Self::Plexer),
            "worker" => Ok(Self::Worker),
            "notifier" => Ok(Self::Notifier),
            _ => Err("the roles are api, plexer, worker and notifier".to_owned()),
        }
    }
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUp {
    /// Anybody who reaches the server.
    Open,
    /// Whoever was given a link.
    Invitation,
    /// Nobody.
    Closed,
}

/// Something that must not be seen: printed as dots.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••••")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

/// An `http://` or `https://` address without query, and without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing after the host and port.
    pub fn is_bare(&self) -> bool {
        self.0.matches('/').count() == 2
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address such as https://chat.example.org");
        let uri: http::Uri = text.parse().map_err(|_| wrong())?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = uri.query().is_none() && uri.authority().is_some_and(|host| !host.as_str().contains('@'));
        if web && plain { Ok(Self(text.trim_end_matches('/').to_owned())) } else { Err(wrong()) }
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.to_owned().try_into()
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.0
    }
}

/// An address, or all addresses that begin with the same bits: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = (wide(self.address), wide(address.to_canonical()));
        let free = 128 - self.bits;
        self.address.is_ipv4() == address.to_canonical().is_ipv4()
            && ours.checked_shr(free) == theirs.checked_shr(free)
    }
}

/// An address as 128 bits; IPv4 is the first 32 of them.
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address or a network such as 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((&*text, None), |(head, bits)| (head, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "••••••");
        assert!(!serde_json::to_string(&secret).expect("encodes").contains("hunter2"));
    }

    #[test]
    fn addresses_people_open_are_checked_and_lose_their_slash() {
        assert_eq!("https://a.example/".parse::<PublicUrl>().expect("good").as_str(), "https://a.example");
        assert!("http://[::1]:8420".parse::<PublicUrl>().expect("good").is_bare());
        assert!(!"https://a.example/chat".parse::<PublicUrl>().expect("good").is_bare());
        for bad in
            ["", "chat.example.org", "ftp://a.example", "https://u@a.example", "https://a.example?x=1", "/"]
        {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        let network = |text: &str| Network::try_from(text.to_owned());
        let holds =
            |text: &str, ip: &str| network(text).expect("good").contains(ip.parse().expect("an address"));
        assert!(holds("10.0.0.0/8", "10.255.1.2") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"), "IPv4 seen through an IPv6 socket");
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8", "10.0.0.0/x"] {
            assert!(network(bad).is_err(), "{bad:?} should be refused");
        }
    }
}
