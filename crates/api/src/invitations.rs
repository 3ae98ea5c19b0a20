//! Inviting people to the server.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, invitations};
use petit_protocol::{CreateInvitation, InvitationLink};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::Json,
    refusals::{BadBody, Refused, Unwritable},
    state::{Api, ApiSettings},
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create_invitation))
}

/// Make a link with which one new person can make an account. For the server's admins and owners.
#[utoipa::path(post, path = "/v1/invitations", tag = "people", request_body = CreateInvitation,
    responses((status = 201, body = InvitationLink, description = "The link, shown this once."), Refused, BadBody, Unwritable))]
async fn create_invitation(
    State(app): State<Arc<App>>,
    State(settings): State<Arc<ApiSettings>>,
    Signed(caller): Signed,
    Json(body): Json<CreateInvitation>,
) -> Result<(StatusCode, Json<InvitationLink>), ApiError> {
    let link = invitations::create(&app, &caller, body.role, &settings.public_url).await?;
    Ok((StatusCode::CREATED, Json(link)))
}
