//! Messages that are sent later.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, access, scheduled};
use petit_domain::{Page, ScheduledId};
use petit_protocol::{ScheduleMessage, ScheduledMessage, UpdateScheduled};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    page::PageQuery,
    refusals::{BadBody, BadParameter, Conflicting, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(schedule_message))
        .routes(routes!(list_scheduled))
        .routes(routes!(change_scheduled, cancel_scheduled))
}

/// A scheduled message in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ScheduledPath {
    /// Which one.
    scheduled: ScheduledId,
}

/// Send a message later.
///
/// The message that is sent has this `client_id`. The same one again with the same body answers the first. What
/// may not be written when its time comes stays in the list as `failed`.
#[utoipa::path(post, path = "/v1/chats/{chat}/scheduled", tag = "scheduled messages", params(ChatPath), request_body = ScheduleMessage,
    responses((status = 201, body = ScheduledMessage, description = "It will be sent."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn schedule_message(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<ScheduleMessage>,
) -> Result<(StatusCode, Json<ScheduledMessage>), ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok((StatusCode::CREATED, Json(scheduled::schedule(&app, &by, body).await?)))
}

/// The caller's messages that are to be sent or could not be sent, soonest first.
#[utoipa::path(get, path = "/v1/scheduled", tag = "scheduled messages", params(PageQuery),
    responses((status = 200, body = Page<ScheduledMessage>, description = "What waits or has failed."), Refused, BadParameter))]
async fn list_scheduled(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ScheduledMessage>>, ApiError> {
    Ok(Json(scheduled::list(&app, &caller, query.limit, query.cursor.as_deref()).await?))
}

/// Change the text or the time of a scheduled message. `already_sent` once it was sent.
#[utoipa::path(patch, path = "/v1/scheduled/{scheduled}", tag = "scheduled messages", params(ScheduledPath), request_body = UpdateScheduled,
    responses((status = 200, body = ScheduledMessage, description = "As it is now."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn change_scheduled(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ScheduledPath>,
    Json(body): Json<UpdateScheduled>,
) -> Result<Json<ScheduledMessage>, ApiError> {
    Ok(Json(scheduled::change(&app, &caller, path.scheduled, body).await?))
}

/// Cancel a scheduled message. Once this is answered it is never sent; `already_sent` if it was.
#[utoipa::path(delete, path = "/v1/scheduled/{scheduled}", tag = "scheduled messages", params(ScheduledPath),
    responses((status = 204, description = "It is gone."), Refused, Hidden, Unwritable, Conflicting))]
async fn cancel_scheduled(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ScheduledPath>,
) -> Result<StatusCode, ApiError> {
    scheduled::cancel(&app, &caller, path.scheduled).await?;
    Ok(StatusCode::NO_CONTENT)
}
