//! Whether the server is well, for whoever runs it.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, AppError};
use petit_protocol::Health;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{ApiError, extract::Json, state::Api};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_readiness))
}

fn well() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health, description = "It does.")))]
async fn get_health() -> Json<Health> {
    well()
}

/// Whether the server can do its work now: its store answers and takes writes.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, body = Health, description = "It can."),
        (status = 503, body = petit_protocol::Problem, content_type = "application/problem+json", description = "`unavailable`: the store does not answer."),
        (status = 507, body = petit_protocol::Problem, content_type = "application/problem+json", description = "`storage_full`: the store takes no writes.")))]
async fn get_readiness(State(app): State<Arc<App>>) -> Result<Json<Health>, ApiError> {
    app.store().log.ready().await.map_err(AppError::from)?;
    Ok(well())
}
