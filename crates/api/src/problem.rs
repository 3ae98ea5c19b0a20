//! Every refusal as `application/problem+json` (RFC 9457).

use std::{any::Any, borrow::Cow};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use petit_app::AppError;
use petit_protocol::{Problem, codes};

/// Why a request is refused, as HTTP says it.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    field: Option<String>,
    retry_after_s: Option<u32>,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), detail: detail.into(), field: None, retry_after_s: None }
    }

    /// The same refusal, naming what part of the request is wrong.
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn parameter(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, codes::INVALID_PARAMETER, detail)
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        error.log("a request failed");
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (code, detail, retry_after_s) = (error.code(), error.to_string(), error.retry_after_s());
        let field = match error {
            AppError::Invalid { field, .. } => field,
            _ => None,
        };
        Self { status, code: Cow::Borrowed(code), detail, field, retry_after_s }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self {
            status: error.status.as_u16(),
            code: error.code.into_owned(),
            title: error.status.canonical_reason().unwrap_or_default().to_owned(),
            detail: error.detail,
            field: error.field,
            retry_after_s: error.retry_after_s,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, retry_after_s) = (self.status, self.retry_after_s);
        let body = serde_json::to_vec(&Problem::from(self)).unwrap_or_default();
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (status, [kind], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Nothing is at this path.
pub(crate) async fn not_found() -> ApiError {
    AppError::NotFound.into()
}

/// The path is there, the method is not.
pub(crate) async fn method_not_allowed() -> ApiError {
    let detail = "This path does not take this method.";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, codes::METHOD_NOT_ALLOWED, detail)
}

/// A controller panicked. The panic hook has logged where; the client only learns that it is our mistake.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    let detail = "The server made a mistake.";
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, codes::INTERNAL, detail).into_response()
}
