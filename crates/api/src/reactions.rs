//! Reactions to messages.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, reactions};
use petit_domain::{ChatId, Message, Page, PageLimit};
use petit_protocol::ReactionItem;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{Json, Path, Query},
    messages::MessagePath,
    page::{limit, usual},
    refusals::{BadParameter, Conflicting, Hidden, Refused, Unfit, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_reactions)).routes(routes!(add_reaction, remove_reaction))
}

/// A reaction in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ReactionPath {
    /// Which chat.
    chat: ChatId,
    /// The message's number in the chat.
    seq: i64,
    /// One emoji of Unicode, percent-encoded, with or without variation selectors and skin tone.
    emoji: String,
}

/// Which reactions to a message.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReactionsQuery {
    /// Only those with this emoji.
    emoji: Option<String>,
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    limit: PageLimit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// React to a message. Again changes nothing.
///
/// All skin tones of an emoji count as one; the first one that the person chose is kept. The answer's reactions are as they
/// are now; where many react at once they may be newer than the message's version, which follows.
#[utoipa::path(put, path = "/v1/chats/{chat}/messages/{seq}/reactions/{emoji}", tag = "messages", params(ReactionPath),
    responses((status = 200, body = Message, description = "The message with its reactions as they are now."), Refused, Hidden, Unfit, Unwritable, Conflicting))]
async fn add_reaction(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ReactionPath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(reactions::add(&app, &caller, path.chat, path.seq, &path.emoji).await?))
}

/// Take one's own reaction back. Again changes nothing.
#[utoipa::path(delete, path = "/v1/chats/{chat}/messages/{seq}/reactions/{emoji}", tag = "messages", params(ReactionPath),
    responses((status = 200, body = Message, description = "The message with its reactions as they are now."), Refused, Hidden, Unfit, Unwritable, Conflicting))]
async fn remove_reaction(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ReactionPath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(reactions::remove(&app, &caller, path.chat, path.seq, &path.emoji).await?))
}

/// Who reacted to a message, by emoji, then person.
#[utoipa::path(get, path = "/v1/chats/{chat}/messages/{seq}/reactions", tag = "messages", params(MessagePath, ReactionsQuery),
    responses((status = 200, body = Page<ReactionItem>, description = "One item for each person and emoji."), Refused, Hidden, BadParameter, Unfit))]
async fn list_reactions(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
    Query(query): Query<ReactionsQuery>,
) -> Result<Json<Page<ReactionItem>>, ApiError> {
    let (place, emoji) = ((path.chat, path.seq), query.emoji.as_deref());
    Ok(Json(reactions::list(&app, &caller, place, emoji, query.limit, query.cursor.as_deref()).await?))
}
