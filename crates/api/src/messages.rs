//! Messages.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use petit_app::{
    App, access, messages,
    ports::PageAt,
    scheduled::{self, Held},
};
use petit_domain::{ChatId, Edition, Message, Page, PageLimit};
use petit_protocol::{EditMessage, ScheduledMessage, SendMessage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    page::{limit, usual},
    refusals::{BadBody, BadParameter, Conflicting, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, send_message))
        .routes(routes!(get_message, edit_message, delete_message))
        .routes(routes!(list_editions))
}

/// A message in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MessagePath {
    /// Which chat.
    pub(crate) chat: ChatId,
    /// Its number in the chat.
    pub(crate) seq: i64,
}

/// Which messages of a chat. At most one of `before`, `after`, `around` and `cursor`; without any, the
/// newest.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// The newest ones below this number.
    before: Option<i64>,
    /// The oldest ones above this number.
    after: Option<i64>,
    /// This number with about half a page on either side.
    around: Option<i64>,
    /// `next` of the page before; goes on in the same direction.
    cursor: Option<String>,
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    limit: PageLimit,
}

impl MessagesQuery {
    fn at(&self) -> Result<PageAt, ApiError> {
        match (self.before, self.after, self.around, &self.cursor) {
            (None, None, None, _) => Ok(PageAt::Newest),
            (Some(seq), None, None, None) => Ok(PageAt::Before(seq)),
            (None, Some(seq), None, None) => Ok(PageAt::After(seq)),
            (None, None, Some(seq), None) => Ok(PageAt::Around(seq)),
            _ => Err(ApiError::parameter("Give at most one of before, after, around and cursor.")),
        }
    }
}

/// Messages of a chat, by rising number.
#[utoipa::path(get, path = "/v1/chats/{chat}/messages", tag = "messages", params(ChatPath, MessagesQuery),
    responses((status = 200, body = Page<Message>, description = "Messages without a gap between them."), Refused, Hidden, BadParameter))]
async fn list_messages(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<Page<Message>>, ApiError> {
    let at = query.at()?;
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(messages::page(&app, &by, at, query.limit, query.cursor.as_deref()).await?))
}

/// Send a message. It is durable when this answers.
///
/// The same `client_id` again from the same person answers the first message and writes nothing.
///
/// With `hold_s` it is held for so many seconds and then sent; until then `DELETE /v1/scheduled/{id}` takes it back, and
/// nobody ever sees it. Again, it answers the message as it is held (202), or as it was sent (201).
///
/// With `forward` a copy of that message goes with it: `unknown_source` where the caller may not see it, or it is deleted.
#[utoipa::path(post, path = "/v1/chats/{chat}/messages", tag = "messages", params(ChatPath), request_body = SendMessage,
    responses((status = 201, body = Message, description = "The message with its number."),
        (status = 202, body = ScheduledMessage, description = "It is held, with `hold_s`."),
        Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn send_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<SendMessage>,
) -> Result<Response, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    if let Some(hold) = body.hold_s {
        return Ok(match scheduled::hold(&app, &by, body, hold).await? {
            Held::Waiting(held) => (StatusCode::ACCEPTED, Json(held)).into_response(),
            Held::Sent(message) => (StatusCode::CREATED, Json(message)).into_response(),
        });
    }
    let message = messages::send(&app, &by, body).await?;
    Ok((StatusCode::CREATED, Json(message)).into_response())
}

/// One message as it is now.
#[utoipa::path(get, path = "/v1/chats/{chat}/messages/{seq}", tag = "messages", params(MessagePath),
    responses((status = 200, body = Message, description = "The message."), Refused, Hidden))]
async fn get_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(messages::get(&app, &caller, path.chat, path.seq).await?))
}

/// Replace the text of one's own message. The earlier text stays in its history.
#[utoipa::path(patch, path = "/v1/chats/{chat}/messages/{seq}", tag = "messages", params(MessagePath), request_body = EditMessage,
    responses((status = 200, body = Message, description = "The message as it is now."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn edit_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
    Json(body): Json<EditMessage>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(messages::edit(&app, &caller, path.chat, path.seq, body.text).await?))
}

/// Empty a message; its number stays as a stub. For its author, and for admins of the chat.
#[utoipa::path(delete, path = "/v1/chats/{chat}/messages/{seq}", tag = "messages", params(MessagePath),
    responses((status = 200, body = Message, description = "The stub."), Refused, Hidden, Unwritable, Conflicting))]
async fn delete_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(messages::delete(&app, &caller, path.chat, path.seq).await?))
}

/// Earlier texts of a message, newest first, all on one page.
#[utoipa::path(get, path = "/v1/chats/{chat}/messages/{seq}/history", tag = "messages", params(MessagePath),
    responses((status = 200, body = Page<Edition>, description = "At most the hundred newest ones."), Refused, Hidden))]
async fn list_editions(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
) -> Result<Json<Page<Edition>>, ApiError> {
    let most = PageLimit::clamp(Some(PageLimit::MAX)).unwrap_or_else(usual);
    let items = messages::history(&app, &caller, path.chat, path.seq, most).await?;
    Ok(Json(Page { items, next: None }))
}
