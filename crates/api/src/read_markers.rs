//! How far the caller has read.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, access, read_markers};
use petit_protocol::{MarkRead, ReadMarker};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path},
    refusals::{BadBody, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_read_marker, mark_read))
}

/// The caller's read marker in a chat.
#[utoipa::path(get, path = "/v1/chats/{chat}/read-marker", tag = "read markers", params(ChatPath),
    responses((status = 200, body = ReadMarker, description = "Where it stands."), Refused, Hidden))]
async fn get_read_marker(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
) -> Result<Json<ReadMarker>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(read_markers::get(&app, &by).await?))
}

/// Say that the caller has read up to a message. The marker never falls.
#[utoipa::path(put, path = "/v1/chats/{chat}/read-marker", tag = "read markers", params(ChatPath), request_body = MarkRead,
    responses((status = 200, body = ReadMarker, description = "Where it stands now."), Refused, Hidden, BadBody, Unwritable))]
async fn mark_read(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<MarkRead>,
) -> Result<Json<ReadMarker>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(read_markers::mark(&app, &by, body.seq).await?))
}
