use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, response::Response, routing::get};
use http::StatusCode;
use petit_app::App;
use petit_ports::BusError;
use petit_protocol::{CloseCode, ServerFrame, codes};

use crate::{
    connection::{Connection, Kind},
    hub::Hub,
    presence_route,
    problem::problem,
    settings::Settings,
    socket, stream, sweep,
    tokens::Tokens,
};

/// How many connections are told of a restart before other tasks get a turn.
const TURN: usize = 32;
/// When clients should come back after a restart, in milliseconds.
const RECONNECT_MS: [u64; 2] = [200, 10_000];

/// The gateway of one node.
pub struct Plexer {
    pub(crate) app: Arc<App>,
    pub(crate) hub: Arc<Hub>,
    /// What requests that come over a socket are answered by.
    pub(crate) api: Router,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    draining: AtomicBool,
}

impl Plexer {
    /// Starts to listen on the bus. `api` answers the requests that come over sockets.
    pub async fn start(app: Arc<App>, api: Router, settings: Settings) -> Result<Arc<Self>, BusError> {
        let hub = Hub::start(app.clone(), &settings).await?;
        let api = api.merge(presence_route::router(app.clone(), hub.clone()));
        let (tokens, draining) = (Tokens::new(app.clone()), AtomicBool::new(false));
        let plexer = Arc::new(Self { app, hub, api, settings, tokens, draining });
        tokio::spawn(sweep::run(Arc::downgrade(&plexer)));
        Ok(plexer)
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

/// `/v1/socket`, `/v1/events` and `/v1/presence`.
pub fn router(plexer: Arc<Plexer>) -> Router {
    let presence = presence_route::router(plexer.app.clone(), plexer.hub.clone());
    Router::new()
        .route("/v1/socket", get(socket::upgrade))
        .route("/v1/events", get(stream::open))
        .with_state(plexer)
        .merge(presence)
        .method_not_allowed_fallback(only_get)
}

async fn only_get() -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, codes::METHOD_NOT_ALLOWED, "This address is read with GET.")
}
