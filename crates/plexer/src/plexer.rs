use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::Router;
use petit_protocol::{CloseCode, ServerFrame};

use crate::{
    backstage::Stage,
    connection::{Connection, Kind},
    hub::Hub,
    settings::Settings,
    tokens::Tokens,
};

/// How many connections are told of a restart before other tasks get a turn.
const TURN: usize = 32;
/// When clients should come back after a restart, in milliseconds.
const RECONNECT_MS: [u64; 2] = [200, 10_000];

/// The gateway of one node.
pub struct Plexer {
    pub(crate) stage: Stage,
    pub(crate) hub: Arc<Hub>,
    /// What requests that come over a socket are answered by.
    pub(crate) api: Router,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    draining: AtomicBool,
}

impl Plexer {
    pub(crate) fn new(stage: Stage, hub: Arc<Hub>, api: Router, settings: Settings) -> Self {
        let tokens = Tokens::new(stage.clone());
        Self { stage, hub, api, settings, tokens, draining: AtomicBool::new(false) }
    }

    /// Takes no new connections and asks everybody to connect again elsewhere or later, at random
    /// times. Returns when all have gone or had their time.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        let connections = self.hub.all();
        for turn in connections.chunks(TURN) {
            turn.iter().for_each(|connection| restart(connection));
            tokio::task::yield_now().await;
        }
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
        while self.hub.has_sockets() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

fn restart(connection: &Connection) {
    let farewell = ServerFrame::Goaway { reason: "restart".into(), reconnect_ms: RECONNECT_MS };
    let farewell = (connection.kind == Kind::Socket).then_some(&farewell);
    connection.close(farewell, CloseCode::Restart, "the server restarts", false);
}
