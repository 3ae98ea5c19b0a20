//! Chats.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, chats};
use petit_domain::{Chat, ChatId, ChatKind, Page};
use petit_protocol::{CreateChat, UpdateChat};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{IdempotencyKey, Json, Path, Query},
    page::{ChatsQuery, PrefixQuery},
    refusals::{BadBody, BadParameter, Conflicting, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_chats, create_chat))
        .routes(routes!(list_open_chats))
        .routes(routes!(get_chat, update_chat))
}

/// A chat in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ChatPath {
    /// Which chat.
    pub chat: ChatId,
}

/// Make a chat, or get the direct chat two people have.
///
/// Two people have one direct chat for ever: asking for it again answers it with 200. Groups and open
/// chats can be made repeatably with an `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/chats", tag = "chats", request_body = CreateChat,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the same chat.")),
    responses((status = 201, body = Chat, description = "The new chat."),
        (status = 200, body = Chat, description = "The direct chat that was there."), Refused, BadBody, Unwritable, Conflicting))]
async fn create_chat(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<CreateChat>,
) -> Result<(StatusCode, Json<Chat>), ApiError> {
    let created = chats::create(&app, &caller, &body, key.as_deref()).await?;
    // A repeated key answers as the first time did.
    let existed = body.kind == ChatKind::Direct && !created.is_new;
    let status = if existed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(created.chat)))
}

/// The caller's chats, those with the newest message first. Archived ones are a list of their own.
#[utoipa::path(get, path = "/v1/chats", tag = "chats", params(ChatsQuery),
    responses((status = 200, body = Page<Chat>, description = "Chats by last message."), Refused, BadParameter))]
async fn list_chats(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Query(query): Query<ChatsQuery>,
) -> Result<Json<Page<Chat>>, ApiError> {
    Ok(Json(chats::list(&app, &caller, query.archived, query.limit, query.cursor.as_deref()).await?))
}

/// Find open chats by how their name begins. Archived ones are left out, so a page may be short; `next` says whether it goes
/// on.
#[utoipa::path(get, path = "/v1/open-chats", tag = "chats", params(PrefixQuery),
    responses((status = 200, body = Page<Chat>, description = "Open chats by name; `role` is null where the caller is not in."), Refused, BadParameter))]
async fn list_open_chats(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Query(query): Query<PrefixQuery>,
) -> Result<Json<Page<Chat>>, ApiError> {
    Ok(Json(chats::list_open(&app, &caller, &query.prefix, query.limit, query.cursor.as_deref()).await?))
}

/// One chat. Anybody signed in may look at an open one from outside.
#[utoipa::path(get, path = "/v1/chats/{chat}", tag = "chats", params(ChatPath),
    responses((status = 200, body = Chat, description = "The chat."), Refused, Hidden))]
async fn get_chat(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
) -> Result<Json<Chat>, ApiError> {
    Ok(Json(chats::get(&app, &caller, path.chat).await?))
}

/// Rename a group or open chat, or set it to something else. For its admins and owners. Again changes nothing.
#[utoipa::path(patch, path = "/v1/chats/{chat}", tag = "chats", params(ChatPath), request_body = UpdateChat,
    responses((status = 200, body = Chat, description = "The chat as it is now."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn update_chat(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<UpdateChat>,
) -> Result<Json<Chat>, ApiError> {
    Ok(Json(chats::update(&app, &caller, path.chat, body).await?))
}
