//! HTTP: controllers that extract, call one service and answer, and the OpenAPI document made from them.
//!
//! `extract` reads requests and refuses them with problems, `problem` turns errors into answers,
//! `signed` says who asks, `surround` is what happens around every request. Everything else is one
//! file for each slice, named as its service.

mod changes;
mod chats;
mod choices;
mod document;
mod extract;
mod gateway;
mod health;
mod invitations;
mod members;
mod mentions;
mod messages;
mod page;
mod people;
mod pins;
mod problem;
mod reactions;
mod read_markers;
mod receipts;
mod refusals;
mod saved;
mod scheduled;
mod server;
mod sessions;
mod settings;
mod signed;
mod socket_tickets;
mod state;
mod surround;
mod typing;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{any, get},
};
use petit_app::App;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

pub use gateway::PATHS as GATEWAY_PATHS;
pub use problem::ApiError;
pub use signed::Signed;
use state::Api;
pub use state::ApiSettings;

/// The most bytes a request's body may have.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Every route of the API, ready to be merged with other routers: it has no fallback of its own, and
/// answers unknown paths below `/v1` only.
pub fn router(app: Arc<App>, settings: ApiSettings) -> Router {
    let (routes, document) = described().split_for_parts();
    let pages = Arc::new(document::Pages::of(&document::completed(document)));
    let api = Api::new(app.clone(), settings);
    routes
        .with_state(api)
        .route("/openapi.json", get(document::get_document))
        .route("/docs", get(document::get_docs))
        .route("/v1/", any(problem::not_found))
        .route("/v1/{*unknown}", any(problem::not_found))
        .with_state(pages)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(app, surround::surround))
}

/// The description of every route, including those the gateway serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    document::completed(described().into_openapi())
}

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(document::start())
        .merge(people::routes())
        .merge(sessions::routes())
        .merge(settings::routes())
        .merge(chats::routes())
        .merge(members::routes())
        .merge(mentions::routes())
        .merge(messages::routes())
        .merge(reactions::routes())
        .merge(pins::routes())
        .merge(saved::routes())
        .merge(scheduled::routes())
        .merge(changes::routes())
        .merge(choices::routes())
        .merge(read_markers::routes())
        .merge(receipts::routes())
        .merge(typing::routes())
        .merge(socket_tickets::routes())
        .merge(invitations::routes())
        .merge(server::routes())
        .merge(health::routes())
}
