//! Reading requests. What cannot be read is refused with a problem that says what and where.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, request::Parts};
use petit_app::AppError;
use petit_domain::Invalid;
use petit_protocol::codes;
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::ApiError;

/// A JSON body, read or answered.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !says_json(request.headers()) {
            let detail = "The body has to be sent as application/json.";
            let (status, code) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, codes::UNSUPPORTED_MEDIA_TYPE);
            return Err(ApiError::new(status, code, detail));
        }
        let body = Bytes::from_request(request, state).await.map_err(unread)?;
        parse(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn unread(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("A body has at most {} bytes.", crate::MAX_BODY_BYTES);
        return ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, codes::BODY_TOO_LARGE, detail);
    }
    ApiError::new(StatusCode::BAD_REQUEST, codes::MALFORMED_JSON, "The body did not arrive whole.")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|_| refusal::<T>(body))
}

/// Why a body was not read: it is not JSON, has another shape, or holds a value that is refused. It is
/// read again to find out, which good bodies never pay for.
fn refusal<T: DeserializeOwned>(body: &[u8]) -> ApiError {
    // First of all: serde calls some wrong types bad syntax, and may meet them before real bad syntax.
    if let Err(error) = is_json(body) {
        return ApiError::new(StatusCode::BAD_REQUEST, codes::MALFORMED_JSON, format!("Not JSON: {error}."));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            codes::INVALID_BODY,
            "The body does not fit.",
        );
    };
    let field = pointer(error.path());
    let text = error.into_inner().to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let (code, detail) = match Invalid::split(text) {
        Some((code, detail)) => (code.to_owned(), detail.to_owned()),
        None => (codes::INVALID_BODY.to_owned(), format!("The body does not fit: {text}.")),
    };
    let refusal = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
    if field.is_empty() { refusal } else { refusal.at(field) }
}

fn is_json(body: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| error.to_string())
}

/// A place in a body as a JSON pointer (RFC 6901); empty for the whole body.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}

/// What the path names. An id that cannot be one is simply not there.
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| AppError::NotFound.into())
    }
}

/// The parameters after the question mark.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(rejection) => Err(ApiError::parameter(format!("{}.", rejection.body_text()))),
        }
    }
}

/// The key that makes a creating request repeatable, if there is one.
pub(crate) struct IdempotencyKey(pub Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        const NAME: &str = "Idempotency-Key";
        match parts.headers.get(NAME).map(|value| value.to_str()) {
            None => Ok(Self(None)),
            Some(Ok(key)) => Ok(Self(Some(key.to_owned()))),
            Some(Err(_)) => Err(ApiError::parameter("An Idempotency-Key is visible ASCII.").at(NAME)),
        }
    }
}
