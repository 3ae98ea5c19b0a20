//! The sections of the configuration.

mod bus;
mod cluster;
mod faults;
mod identity;
mod log;
mod server;
mod store;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::values::{Secret, SignUp};

pub use bus::{Bus, Local, Nats, Notifier};
pub use cluster::Cluster;
pub use faults::Faults;
pub use identity::{Builtin, Identity, Oidc};
pub use log::Log;
pub use server::Server;
pub use store::{Scylla, Sqlite, Store};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens and where it keeps things.
    pub server: Server,
    /// Who says who somebody is.
    pub identity: Identity,
    /// What keeps the data.
    pub store: Store,
    /// What carries events.
    pub bus: Bus,
    /// The other processes of the installation.
    pub cluster: Cluster,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What it writes about itself.
    pub log: Log,
}

impl Config {
    /// The address people open: as configured, or where the server listens.
    pub fn public_url(&self, listening: SocketAddr) -> String {
        match &self.server.public_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("http://{}", reachable(listening)),
        }
    }

    /// Who may make an account, if accounts are ours.
    pub fn sign_up(&self) -> Option<SignUp> {
        let Identity::Builtin(builtin) = &self.identity else { return None };
        let private = self.server.listen.ip().is_loopback() && self.server.public_url.is_none();
        Some(builtin.sign_up.unwrap_or(if private { SignUp::Open } else { SignUp::Invitation }))
    }

    /// Whether people are recognised by an address that an outside provider has verified.
    pub const fn links_verified_email(&self) -> bool {
        matches!(&self.identity, Identity::Oidc(oidc) if oidc.link_verified_email)
    }

    /// What no single value can say about itself. Answers what is wrong with which key.
    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        self.server.validate()?;
        self.identity.validate()?;
        self.store.validate()?;
        self.bus.validate()?;
        self.cluster.validate()?;
        if matches!(self.bus, Bus::Notifier(_)) && self.cluster.notifiers.is_empty() {
            return Err((
                "cluster.notifiers",
                "the bus goes through notifiers: name at least one".to_owned(),
            ));
        }
        self.faults.validate()
    }
}

/// A secret that may stand in the configuration or in a file of its own, but not in both.
fn given_once(
    (key, value): (&'static str, &Option<Secret>),
    (file_key, file): (&'static str, &Option<PathBuf>),
) -> Result<Option<Secret>, (&'static str, String)> {
    match (value, file) {
        (Some(_), Some(_)) => Err((key, format!("give {key} or {file_key}, one of them"))),
        (Some(secret), None) => Ok(Some(secret.clone())),
        (None, Some(file)) => std::fs::read_to_string(file)
            .map(|text| Some(Secret::new(text.trim())))
            .map_err(|error| (file_key, format!("{}: {error}", file.display()))),
        (None, None) => Ok(None),
    }
}

/// "Every address" cannot be opened in a browser; the loopback of the same family can.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}
