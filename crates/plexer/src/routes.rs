//! Where a plexer begins: what it listens to, and the routes it answers.

use std::sync::Arc;

use axum::{Router, response::Response, routing::get};
use http::StatusCode;
use petit_app::App;
use petit_ports::BusError;
use petit_protocol::codes;

use crate::{
    hub::{Hub, Neighbours},
    plexer::Plexer,
    presence_route,
    problem::problem,
    settings::Settings,
    socket, stream, sweep,
};

impl Plexer {
    /// Starts to listen on the bus. `api` answers the requests that come over sockets.
    pub async fn start(app: Arc<App>, api: Router, settings: Settings) -> Result<Arc<Self>, BusError> {
        let neighbours = Neighbours::none(&app, &settings);
        Self::start_among(app, api, neighbours, settings).await
    }

    /// The same beside other nodes.
    pub async fn start_among(
        app: Arc<App>,
        api: Router,
        neighbours: Neighbours,
        settings: Settings,
    ) -> Result<Arc<Self>, BusError> {
        let hub = Hub::start(app.clone(), neighbours, &settings).await?;
        let api = api.merge(presence_route::router(app.clone(), hub.clone()));
        let plexer = Arc::new(Self::new(app, hub, api, settings));
        tokio::spawn(sweep::run(Arc::downgrade(&plexer)));
        Ok(plexer)
    }
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
