use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use petit_protocol::codes;

use super::serve;
use crate::{auth::is_same_site, plexer::Plexer, problem::problem, websocket::accept_key, wire::Wire};

const SUBPROTOCOL: &str = "petit.v1.json";

/// `GET /v1/socket`: answers the WebSocket handshake and takes the stream over.
pub(crate) async fn upgrade(State(plexer): State<Arc<Plexer>>, mut request: Request) -> Response {
    let headers = request.headers();
    if !is_same_site(headers) {
        return problem(
            StatusCode::FORBIDDEN,
            codes::CROSS_SITE,
            "Another site's page may not open a socket.",
        );
    }
    if plexer.is_draining() {
        return come_back_later();
    }
    let Some(accept) = accept(headers) else { return not_a_handshake() };
    let subprotocol = offers(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else { return not_a_handshake() };
    tokio::spawn(take_over(plexer, upgrade));
    switching(accept, subprotocol)
}

async fn take_over(plexer: Arc<Plexer>, upgrade: OnUpgrade) {
    match upgrade.await {
        Ok(upgraded) => {
            let (wire, early) = Wire::from_upgrade(upgraded);
            // A task of its own, which is as small as a socket at rest needs.
            tokio::spawn(serve(plexer, wire, early));
        }
        Err(error) => tracing::debug!(%error, "a handshake was not finished"),
    }
}

fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let asks =
        offers(headers, header::CONNECTION, "upgrade") && offers(headers, header::UPGRADE, "websocket");
    let version = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = accept_key(headers.get(header::SEC_WEBSOCKET_KEY)?.as_bytes())?;
    if asks && version { HeaderValue::from_str(&key).ok() } else { None }
}

/// Whether a header with a list names `word`.
fn offers(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

fn switching(accept: HeaderValue, subprotocol: bool) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if subprotocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    response
}

fn not_a_handshake() -> Response {
    let detail = "This address takes WebSocket handshakes (version 13) only.";
    let mut response = problem(StatusCode::UPGRADE_REQUIRED, codes::UPGRADE_REQUIRED, detail);
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

pub(crate) fn come_back_later() -> Response {
    let mut response =
        problem(StatusCode::SERVICE_UNAVAILABLE, codes::UNAVAILABLE, "The server restarts. Try again soon.");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}
