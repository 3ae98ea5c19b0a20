//! What the caller saved for themselves.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, saved};
use petit_domain::Page;
use petit_protocol::SavedItem;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{Json, Path, Query},
    messages::MessagePath,
    page::PageQuery,
    refusals::{BadParameter, Conflicting, Hidden, Refused, Unfit, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_saved)).routes(routes!(save_message, unsave_message))
}

/// What the caller saved, the newest first, of chats they are in. Deleted messages are left out, so a page may be short;
/// `next` says whether it goes on.
#[utoipa::path(get, path = "/v1/me/saved", tag = "people", params(PageQuery),
    responses((status = 200, body = Page<SavedItem>, description = "Messages as they are now."), Refused, BadParameter))]
async fn list_saved(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SavedItem>>, ApiError> {
    Ok(Json(saved::list(&app, &caller, query.limit, query.cursor.as_deref()).await?))
}

/// Save a message for oneself. Again changes nothing.
///
/// `too_many_saved` where the caller has saved 1,000 messages. A deleted message is not found.
#[utoipa::path(put, path = "/v1/chats/{chat}/messages/{seq}/saved", tag = "messages", params(MessagePath),
    responses((status = 200, body = SavedItem, description = "The message as it is now, and when it was saved."), Refused, Hidden, Unfit, Unwritable, Conflicting))]
async fn save_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<SavedItem>, ApiError> {
    Ok(Json(saved::add(&app, &caller, path.chat, path.seq).await?))
}

/// Take a message out of what one saved. Again changes nothing.
#[utoipa::path(delete, path = "/v1/chats/{chat}/messages/{seq}/saved", tag = "messages", params(MessagePath),
    responses((status = 204, description = "It is not saved."), Refused, Hidden, Unwritable))]
async fn unsave_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<StatusCode, ApiError> {
    saved::remove(&app, &caller, path.chat, path.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
