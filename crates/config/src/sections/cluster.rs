use std::net::SocketAddr;

use crate::table::table;

table! {
    /// The other processes of this installation. Nothing here is needed while one process does everything.
    Cluster {
        /// Where the other processes reach this one by gRPC. Never open it to the outside: who speaks to it
        /// must know the installation's secret, but nothing is encrypted.
        listen: Option<SocketAddr> = None, "\"127.0.0.1:8430\"";
        /// Where the others find that address, if it is not what this process listens on.
        advertise: Option<String> = None, "\"http://api-1.internal:8430\"";
        /// The gRPC addresses of all processes with the role `api`, this one included. Each chat is owned by
        /// one of them; every process must name the same ones.
        apis: Vec<String> = Vec::new(), "[\"http://127.0.0.1:8430\"]";
        /// The HTTP addresses of the same processes, in the same order. A plexer without the role `api` sends
        /// requests there, those about a chat to its owner.
        api_urls: Vec<String> = Vec::new(), "[\"http://127.0.0.1:8420\"]";
        /// The gRPC addresses of all processes with the role `notifier`.
        notifiers: Vec<String> = Vec::new(), "[\"http://127.0.0.1:8440\"]";
    }
}

impl Cluster {
    /// The address the others know this process by.
    pub fn own_address(&self) -> Option<String> {
        let listening = self.listen.map(|address| format!("http://{address}"));
        self.advertise.clone().or(listening)
    }

    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        let lists = [
            ("cluster.apis", &self.apis),
            ("cluster.api_urls", &self.api_urls),
            ("cluster.notifiers", &self.notifiers),
        ];
        for (key, addresses) in lists {
            for address in addresses {
                let uri = address.parse::<http::Uri>().ok();
                if !uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https"))) {
                    return Err((
                        key,
                        format!("{address:?} is not an address such as http://127.0.0.1:8430"),
                    ));
                }
            }
        }
        Ok(())
    }
}
