//! What is pinned in a chat.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, access, pins};
use petit_domain::{Message, Page};
use petit_protocol::PinItem;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    messages::MessagePath,
    page::PageQuery,
    refusals::{BadParameter, Conflicting, Hidden, Refused, Unfit, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_pins)).routes(routes!(pin_message, unpin_message))
}

/// What is pinned in a chat, the newest pin first. At most 100 messages are; deleted ones are left out.
#[utoipa::path(get, path = "/v1/chats/{chat}/pins", tag = "messages", params(ChatPath, PageQuery),
    responses((status = 200, body = Page<PinItem>, description = "Messages as they are now."), Refused, Hidden, BadParameter))]
async fn list_pins(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PinItem>>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(pins::list(&app, &by, query.limit, query.cursor.as_deref()).await?))
}

/// Pin a message, for everybody in the chat. Again changes nothing.
///
/// `too_many_pins` where 100 messages of the chat are pinned.
#[utoipa::path(put, path = "/v1/chats/{chat}/messages/{seq}/pin", tag = "messages", params(MessagePath),
    responses((status = 200, body = Message, description = "The message as it is now."), Refused, Hidden, Unfit, Unwritable, Conflicting))]
async fn pin_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(pins::add(&app, &caller, path.chat, path.seq).await?))
}

/// Take the pin of a message away, whoever pinned it. Again changes nothing.
#[utoipa::path(delete, path = "/v1/chats/{chat}/messages/{seq}/pin", tag = "messages", params(MessagePath),
    responses((status = 200, body = Message, description = "The message as it is now."), Refused, Hidden, Unwritable, Conflicting))]
async fn unpin_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(pins::remove(&app, &caller, path.chat, path.seq).await?))
}
