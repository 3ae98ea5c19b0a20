//! Tickets that open a socket or an event stream.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, tickets};
use petit_protocol::SocketTicket;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::Json,
    refusals::{Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create_socket_ticket))
}

/// Get a ticket for one socket or event stream, good for a minute.
#[utoipa::path(post, path = "/v1/socket-ticket", tag = "events",
    responses((status = 201, body = SocketTicket, description = "Works once."), Refused, Unwritable))]
async fn create_socket_ticket(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
) -> Result<(StatusCode, Json<SocketTicket>), ApiError> {
    let (ticket, expires_at) = tickets::issue(&app, &caller);
    Ok((StatusCode::CREATED, Json(SocketTicket { ticket, expires_at })))
}
