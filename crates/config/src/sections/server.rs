use std::{net::SocketAddr, path::PathBuf};

use crate::{
    table::table,
    values::{Network, PublicUrl, Role},
};

table! {
    /// The server itself: where it listens and where it keeps things.
    Server {
        /// What people call this server: shown where they sign in and above their chats. Up to 60 characters.
        /// Unless it is set, it is called Petit chat.
        name: Option<String> = None, "\"Harbour office\"";
        /// The address and port to listen on: `127.0.0.1` for this machine alone, `0.0.0.0` or `[::]` for all.
        /// Port 0 takes any free one.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8420)), "\"127.0.0.1:8420\"";
        /// The address people open, without a path. Needed behind a reverse proxy, and for HTTPS: links,
        /// sign-in and cookies follow it, and pages at it are ours whatever host the proxy passes on. Unless it
        /// is set, it is where the server listens.
        public_url: Option<PublicUrl> = None, "\"https://chat.example.org\"";
        /// The folder of the database, the secrets, the lock and the control socket. Made if it is not there.
        data: PathBuf = PathBuf::from("petit-data"), "\"petit-data\"";
        /// A file that holds the installation's secret: 64 hexadecimal digits. Every process of a cluster needs
        /// the same one. Unless it is named, the data folder has one of its own.
        secret_file: Option<PathBuf> = None, "\"/run/secrets/petit\"";
        /// Which parts run in this process: `api` (REST, sign-in, web client), `plexer` (sockets and event
        /// streams), `worker` (finishes what a crash interrupted), `notifier` (who is here, and what is new, for
        /// all plexers). With the embedded profile there is one process for each data folder, so leaving one out
        /// only leaves it out.
        roles: Vec<Role> = Role::ALL.to_vec(), "[\"api\", \"plexer\", \"worker\", \"notifier\"]";
        /// Reverse proxies, and plexers in other processes, whose `X-Forwarded-For` is believed, as addresses or
        /// networks. Failed sign-ins are counted by the address found there.
        trusted_proxies: Vec<Network> = Vec::new(), "[]";
        /// Over how many seconds sockets are sent away when this process is asked to stop, so that those who
        /// take them over are not overrun. 45 is good where there are several plexers; with 0 all go at once.
        drain_s: u32 = 0, "0";
    }
}

impl Server {
    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.roles.is_empty() {
            return Err(("server.roles", "at least one role has to run".to_owned()));
        }
        if self.public_url.as_ref().is_some_and(|url| !url.is_bare()) {
            return Err((
                "server.public_url",
                "Petit chat needs a host name of its own, without a path".to_owned(),
            ));
        }
        if self.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(("server.name", "a name has 1 to 60 characters on one line".to_owned()));
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    name == name.trim() && (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_short_name_on_one_line() {
        let checked = |name: &str| Server { name: Some(name.to_owned()), ..Server::default() }.validate();
        checked("Harbour office").unwrap();
        checked(&"é".repeat(60)).unwrap();
        for bad in ["", " ", " Harbour", "Harbour\noffice", &"é".repeat(61)] {
            assert_eq!(checked(bad).unwrap_err().0, "server.name", "{bad:?}");
        }
    }
}
