use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use petit_app::AppError;
use petit_protocol::Problem;

/// An error answer of the plexer's own routes.
pub(crate) fn problem(status: StatusCode, code: &str, detail: impl Into<String>) -> Response {
    let problem = Problem {
        status: status.as_u16(),
        code: code.to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        detail: detail.into(),
        field: None,
        retry_after_s: None,
    };
    let mut response = (status, axum::Json(problem)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The answer to what the services refuse, as `application/problem+json`.
pub fn refusal(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = problem(status, error.code(), error.to_string());
    if let Some(seconds) = error.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
