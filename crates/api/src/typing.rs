//! Somebody is writing.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, access, typing};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::Path,
    refusals::{Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(announce_typing))
}

/// Tell the others that the caller is writing. Once every three seconds is enough.
#[utoipa::path(post, path = "/v1/chats/{chat}/typing", tag = "messages", params(ChatPath),
    responses((status = 204, description = "Told, unless the chat has more than 500 members."), Refused, Hidden, Unwritable))]
async fn announce_typing(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
) -> Result<StatusCode, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    typing::announce(&app, &by).await?;
    Ok(StatusCode::NO_CONTENT)
}
