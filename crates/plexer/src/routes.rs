//! Where a plexer begins: what it listens to, and the routes it answers.

use std::sync::Arc;

use axum::{Router, response::Response, routing::get};
use http::StatusCode;
use petit_ports::BusError;
use petit_protocol::codes;

use crate::{
    backstage::Stage,
    hub::{Hub, Neighbours},
    plexer::Plexer,
    presence_route,
    problem::problem,
    settings::Settings,
    socket, stream, sweep,
};

impl Plexer {
    /// Starts to listen on the bus. `api` answers the requests that come over sockets.
    pub async fn start(
        stage: impl Into<Stage>,
        api: Router,
        settings: Settings,
    ) -> Result<Arc<Self>, BusError> {
        let stage = stage.into();
        let neighbours = Neighbours::none(&stage, &settings);
        Self::start_among(stage, api, neighbours, settings).await
    }

    /// The same beside other nodes.
    pub async fn start_among(
        stage: impl Into<Stage>,
        api: Router,
        neighbours: Neighbours,
        settings: Settings,
    ) -> Result<Arc<Self>, BusError> {
        let stage = stage.into();
        let hub = Hub::start(stage.clone(), neighbours, &settings).await?;
        let api = api.merge(presence_route::router(stage.clone(), hub.clone()));
        let plexer = Arc::new(Self::new(stage, hub, api, settings));
        tokio::spawn(sweep::run(Arc::downgrade(&plexer)));
        Ok(plexer)
    }
}

/// `/v1/socket`, `/v1/events` and `/v1/presence`.
pub fn router(plexer: Arc<Plexer>) -> Router {
    let presence = presence_route::router(plexer.stage.clone(), plexer.hub.clone());
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
