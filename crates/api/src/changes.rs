//! What a client missed beside new messages.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, access, changes};
use petit_domain::PageLimit;
use petit_protocol::Changes;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    page::{limit, usual},
    refusals::{BadParameter, Hidden, Refused},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_changes))
}

/// After which change.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// The newest change number the client knows, −1 for none.
    after: i64,
    /// How many changes at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    limit: PageLimit,
}

/// Edits, deletions, members and names that changed after a number, as they are now.
#[utoipa::path(get, path = "/v1/chats/{chat}/changes", tag = "messages", params(ChatPath, ChangesQuery),
    responses((status = 200, body = Changes, description = "What changed, an event for each number."), Refused, Hidden, BadParameter))]
async fn list_changes(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Changes>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(changes::after(&app, &by, query.after, query.limit).await?))
}
