use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use petit_app::AppError;
use petit_domain::{Page, UserId};
use petit_protocol::{PresenceInfo, codes};
use serde::Deserialize;

use crate::{
    auth,
    backstage::Stage,
    hub::Hub,
    presence::Shown,
    problem::{problem, refusal},
};

/// Most people in one question.
const MOST: usize = 200;

#[derive(Clone)]
struct Parts {
    stage: Stage,
    hub: Arc<Hub>,
}

#[derive(Deserialize)]
struct Asked {
    users: String,
}

/// `GET /v1/presence?users=id,id`.
pub(crate) fn router(stage: Stage, hub: Arc<Hub>) -> Router {
    Router::new().route("/v1/presence", get(list)).with_state(Parts { stage, hub })
}

async fn list(
    State(parts): State<Parts>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    let caller = match auth::caller(&*parts.stage.backstage, &head, None).await {
        Ok(caller) => caller,
        Err(error) => return refusal(&error),
    };
    let Some(users) = asked.ok().and_then(|Query(asked)| parse(&asked.users)) else {
        let detail = format!("`users` is a list of 1 to {MOST} ids with commas between them.");
        return problem(StatusCode::BAD_REQUEST, codes::INVALID_PARAMETER, detail);
    };
    match answer(&parts, caller.user, users).await {
        Ok(page) => Json(page).into_response(),
        Err(error) => refusal(&error),
    }
}

fn parse(users: &str) -> Option<Vec<UserId>> {
    let users: Vec<UserId> = users.split(',').map(|id| id.trim().parse().ok()).collect::<Option<_>>()?;
    (users.len() <= MOST).then_some(users)
}

async fn answer(parts: &Parts, viewer: UserId, users: Vec<UserId>) -> Result<Page<PresenceInfo>, AppError> {
    let mut visible = parts.stage.backstage.visible_to(viewer, users).await?;
    visible.sort_unstable();
    let shown = parts.hub.shown(&visible).await;
    let info =
        |(user, shown): (UserId, Shown)| PresenceInfo { user, presence: shown.presence, since: shown.since };
    Ok(Page { items: visible.into_iter().zip(shown).map(info).collect(), next: None })
}
