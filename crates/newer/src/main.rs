//! `petit-newer`: the version after this one, as far as tests need it. It is `petit` with **polls**, and with them
//! everything that a version may know and the one before does not: a kind of message, a part of a message, changes,
//! events, an intent and a timer. They go through the ports as those of a real version would. It is for tests alone.
//!
//! To open a poll is work that is noted (`work`); its message is followed (`closing`), which sets a timer; when the
//! timer is due the poll is closed, and who listens is told (`told`).

mod closing;
mod polls;
mod routes;
mod told;
mod work;

use std::{process::ExitCode, sync::Arc};

use axum::Router;
use petit_app::{App, follow::Follower, mentions::Mentions, timers::Effects};
use petit_ports::{Bus, Store};
use petit_server::Program;
use tokio::task::JoinHandle;

fn main() -> ExitCode {
    petit_server::run(&Newer)
}

struct Newer;

impl Program for Newer {
    fn routes(&self, app: &Arc<App>) -> Router {
        routes::routes(app.clone())
    }

    fn followers(&self) -> Vec<Arc<dyn Follower>> {
        vec![Arc::new(Mentions), Arc::new(closing::Closing)]
    }

    fn effects(&self, app: &Arc<App>) -> Arc<dyn Effects> {
        Arc::new(closing::Due(app.clone()))
    }

    fn work(&self, app: &Arc<App>) -> JoinHandle<()> {
        work::spawn(app.clone())
    }

    fn bus(&self, bus: Arc<dyn Bus>, store: &Store) -> Arc<dyn Bus> {
        Arc::new(told::Telling::new(bus, store))
    }
}
