//! What happens around every request: its id, its span in the log, and headers that keep browsers careful.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};
use petit_app::App;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Added unless the answer says otherwise. Nothing here is a page, so nothing may be loaded or framed.
const CAREFUL: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

pub(crate) async fn surround(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = format!("{:016x}", app.random().next_u64());
    // The route and not the path, so that no id or search word ends up in a log.
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let span =
        tracing::info_span!("request", request.id = %id, http.method = %request.method(), http.route = route);
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    for (name, value) in CAREFUL {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
