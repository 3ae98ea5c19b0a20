//! What a program does: what is in it for `petit` alone would have to be in two places as soon as there are two of them.
//!
//! `petit` is what the defaults say. The next version of it that tests run beside it (`petit-newer`) says more, and
//! is the same otherwise.

use std::sync::Arc;

use axum::Router;
use petit_app::{App, follow::Follower, lookout, mentions::Mentions, timers::Effects};
use petit_ports::{Bus, Store};
use tokio::task::JoinHandle;

/// What a server answers, follows, does when it is time and finishes.
pub trait Program: Send + Sync {
    /// Routes beside those of the API, for requests and for frames.
    fn routes(&self, _: &Arc<App>) -> Router {
        Router::new()
    }

    /// What follows the log.
    fn followers(&self) -> Vec<Arc<dyn Follower>> {
        vec![Arc::new(Mentions)]
    }

    /// What timers do.
    fn effects(&self, app: &Arc<App>) -> Arc<dyn Effects> {
        app.clone()
    }

    /// Has work finished that was begun, until the answer is aborted.
    fn work(&self, app: &Arc<App>) -> JoinHandle<()> {
        lookout::spawn(app.clone())
    }

    /// The bus as the application sees it.
    fn bus(&self, bus: Arc<dyn Bus>, _: &Store) -> Arc<dyn Bus> {
        bus
    }
}

/// The program as it is shipped.
pub struct Petit;

impl Program for Petit {}
