//! What people ask of polls.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use petit_api::{ApiError, Signed};
use petit_app::{App, access};
use petit_domain::{ChatId, ClientId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    polls::{self, NewPoll},
    told, work,
};

#[derive(Deserialize)]
struct OpenPoll {
    question: String,
    answers: Vec<String>,
    client_id: ClientId,
    closes_in_ms: i64,
    /// Whether it is left to whoever finishes work, as after a crash.
    #[serde(default)]
    later: bool,
}

#[derive(Deserialize)]
struct Vote {
    answer: usize,
}

/// The routes.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/chats/{chat}/polls", post(open_poll))
        .route("/v1/chats/{chat}/polls/{seq}/votes", post(vote))
        .with_state(app)
}

async fn open_poll(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(chat): Path<ChatId>,
    Json(poll): Json<OpenPoll>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let by = access::member(&app, chat, caller.user).await?;
    let OpenPoll { question, answers, client_id, closes_in_ms, later } = poll;
    let closes_at = app.now().plus_millis(closes_in_ms);
    let poll = NewPoll { chat: by.chat(), question, answers, client_id, closes_at };
    let intent = work::note(&app, by.user(), &poll).await?;
    if later {
        return Ok((StatusCode::ACCEPTED, Json(json!({}))));
    }
    work::finish(&app, &intent).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

async fn vote(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path((chat, seq)): Path<(ChatId, i64)>,
    Json(vote): Json<Vote>,
) -> Result<Json<Value>, ApiError> {
    let by = access::member(&app, chat, caller.user).await?;
    let cseq = polls::vote(&app, by.user(), by.chat(), seq, vote.answer).await?;
    told::hint(&app, by.chat(), by.user()).await;
    Ok(Json(json!({ "cseq": cseq })))
}
