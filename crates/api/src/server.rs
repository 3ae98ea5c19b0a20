//! The server itself.

use std::sync::Arc;

use axum::extract::State;
use petit_protocol::ServerInfo;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::Json,
    refusals::Refused,
    state::{Api, ApiSettings},
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_server))
}

/// What the server is called, and whether people can be invited to it.
#[utoipa::path(get, path = "/v1/server", tag = "people",
    responses((status = 200, body = ServerInfo, description = "The server."), Refused))]
async fn get_server(
    State(settings): State<Arc<ApiSettings>>,
    _caller: Signed,
) -> Result<Json<ServerInfo>, ApiError> {
    Ok(Json(ServerInfo { name: settings.name.clone(), invitations: settings.invitations }))
}
