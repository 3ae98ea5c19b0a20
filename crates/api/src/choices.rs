//! What the caller chooses about a chat for themselves.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, access, choices};
use petit_domain::Choices;
use petit_protocol::UpdateChoices;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path},
    refusals::{BadBody, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(update_choices))
}

/// Choose about a chat for oneself: when to be told of it, and where it stands in one's list. Again changes nothing.
///
/// What was chosen is `me` of the chat. Nobody else sees it. Who leaves finds it again when they come back.
#[utoipa::path(patch, path = "/v1/chats/{chat}/me", tag = "chats", params(ChatPath), request_body = UpdateChoices,
    responses((status = 200, body = Choices, description = "All choices as they are now."), Refused, Hidden, BadBody, Unwritable))]
async fn update_choices(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<UpdateChoices>,
) -> Result<Json<Choices>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(choices::choose(&app, &by, &body).await?))
}
