use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use petit_app::ports::Account;
use serde_json::json;

use crate::Provider;

/// Who the access token is about (OpenID Connect Core §5.3).
pub(super) async fn show(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let subject = bearer(&headers).and_then(|token| provider.grants.bearer(token, provider.now()));
    let Some(subject) = subject else { return refused() };
    match provider.app.store().accounts.get(subject).await {
        Ok(Some(account)) => ([(header::CACHE_CONTROL, "no-store")], Json(about(&account))).into_response(),
        Ok(None) => refused(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn about(account: &Account) -> serde_json::Value {
    json!({
        "sub": account.subject.to_string(),
        "preferred_username": account.username,
        "name": account.name,
        "petit_role": account.role,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn refused() -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
    (StatusCode::UNAUTHORIZED, challenge, Json(json!({ "error": "invalid_token" }))).into_response()
}
