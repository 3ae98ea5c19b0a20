//! Messages that mention the caller.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, mentions};
use petit_domain::Page;
use petit_protocol::MentionItem;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{Json, Query},
    page::PageQuery,
    refusals::{BadParameter, Refused},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_mentions))
}

/// Messages that mention the caller, newest first, of chats they are in. Deleted ones are left out, so a page may be
/// short; `next` says whether it goes on.
#[utoipa::path(get, path = "/v1/me/mentions", tag = "people", params(PageQuery),
    responses((status = 200, body = Page<MentionItem>, description = "Messages as they are now."), Refused, BadParameter))]
async fn list_mentions(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MentionItem>>, ApiError> {
    Ok(Json(mentions::list(&app, &caller, query.limit, query.cursor.as_deref()).await?))
}
