//! Who has messages, and who saw them.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, access, receipts};
use petit_domain::{PageLimit, ReceiptState};
use petit_protocol::{ChatReceipts, Viewers};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    messages::MessagePath,
    page::{limit, usual},
    refusals::{BadParameter, Hidden, Refused},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_receipts)).routes(routes!(list_viewers))
}

/// Which views of a message.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ViewersQuery {
    /// What they have to have done with it at least.
    #[serde(default = "seen")]
    #[param(inline, value_type = Option<ReceiptState>, default = "seen")]
    state: ReceiptState,
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    limit: PageLimit,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn seen() -> ReceiptState {
    ReceiptState::Seen
}

/// How far the members of a chat have its messages.
///
/// Nobody is listed where the chat has more than 100 members. `seen` is `null` for people who do not tell, and for everybody
/// where the caller does not (`receipts` of their settings).
#[utoipa::path(get, path = "/v1/chats/{chat}/receipts", tag = "read markers", params(ChatPath),
    responses((status = 200, body = ChatReceipts, description = "One for each member, by id."), Refused, Hidden))]
async fn list_receipts(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
) -> Result<Json<ChatReceipts>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(receipts::list(&app, &by).await?))
}

/// Who has a message, saw it or has read it, by id.
///
/// Only members of now who were in the chat when it was written, without its author. In a chat of more than 100 members nobody
/// is named and only `count` is told, and in one of more than 5,000 not even that. People who do not tell what they
/// saw are listed under `delivered` alone; a caller who does not tell is told of nothing else.
#[utoipa::path(get, path = "/v1/chats/{chat}/messages/{seq}/viewers", tag = "messages", params(MessagePath, ViewersQuery),
    responses((status = 200, body = Viewers, description = "One item for each person."), Refused, Hidden, BadParameter))]
async fn list_viewers(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MessagePath>,
    Query(query): Query<ViewersQuery>,
) -> Result<Json<Viewers>, ApiError> {
    let place = (path.chat, path.seq);
    let found =
        receipts::viewers(&app, &caller, place, query.state, query.limit, query.cursor.as_deref()).await?;
    Ok(Json(found))
}
