//! The caller's signed-in devices and tokens.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, Caller, sessions};
use petit_domain::{Page, Session, SessionId};
use petit_protocol::SessionInfo;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{Json, Path},
    refusals::{Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_sessions)).routes(routes!(revoke_session))
}

/// A session in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SessionPath {
    /// Which of the caller's sessions.
    session: SessionId,
}

/// The caller's sessions, newest first, all on one page.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions",
    responses((status = 200, body = Page<SessionInfo>, description = "Sessions that have not ended."), Refused))]
async fn list_sessions(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
) -> Result<Json<Page<SessionInfo>>, ApiError> {
    let sessions = sessions::list(&app, &caller).await?;
    let items = sessions.into_iter().map(|session| shown_to(&caller, session)).collect();
    Ok(Json(Page { items, next: None }))
}

fn shown_to(caller: &Caller, session: Session) -> SessionInfo {
    SessionInfo {
        current: session.id == caller.session,
        id: session.id,
        kind: session.kind,
        label: session.label,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    }
}

/// End a session. Its connections close within seconds.
#[utoipa::path(delete, path = "/v1/sessions/{session}", tag = "sessions", params(SessionPath),
    responses((status = 204, description = "It has ended, now or before."), Refused, Hidden, Unwritable))]
async fn revoke_session(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<SessionPath>,
) -> Result<StatusCode, ApiError> {
    sessions::revoke(&app, caller.user, path.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
