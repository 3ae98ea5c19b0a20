//! What people set for themselves.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, settings};
use petit_domain::Settings;
use petit_protocol::UpdateSettings;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::Json,
    refusals::{BadBody, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_settings, update_settings))
}

/// What the caller set for themselves, on all their devices.
#[utoipa::path(get, path = "/v1/me/settings", tag = "people",
    responses((status = 200, body = Settings, description = "All of it."), Refused))]
async fn get_settings(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
) -> Result<Json<Settings>, ApiError> {
    Ok(Json(settings::get(&app, &caller).await?))
}

/// Set something for oneself, on all one's devices. What is left out stays.
#[utoipa::path(patch, path = "/v1/me/settings", tag = "people", request_body = UpdateSettings,
    responses((status = 200, body = Settings, description = "All settings as they are now."), Refused, BadBody, Unwritable))]
async fn update_settings(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Json(body): Json<UpdateSettings>,
) -> Result<Json<Settings>, ApiError> {
    Ok(Json(settings::update(&app, &caller, &body).await?))
}
