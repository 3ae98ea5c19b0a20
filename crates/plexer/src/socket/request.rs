//! API requests over the socket: the same router, the same controllers.

use std::sync::Arc;

use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderName, Method, Request, Uri, header};
use http_body_util::{BodyExt, Limited};
use petit_app::Caller;
use petit_protocol::{ClientRequest, codes};
use tower::ServiceExt;

use super::{OPEN_REQUESTS, Socket};
use crate::{
    connection::{Connection, RequestRefused},
    frames::response_frame,
};

/// The largest answer that is carried. The largest page of messages is below.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// What a socket cannot carry: itself, and streams without an end.
const NOT_OVER_SOCKETS: [&str; 2] = ["/v1/socket", "/v1/events"];

impl Socket {
    /// Runs a request beside everything else; its answer may overtake others.
    pub(super) fn request(&self, caller: Caller, request: ClientRequest) {
        let id = request.id;
        if let Err(refused) = self.connection.with(|state| state.open_request(id, OPEN_REQUESTS)) {
            let (code, detail) = match refused {
                RequestRefused::SameId => {
                    (codes::INVALID_PARAMETER, "A request with this id is open.".into())
                }
                RequestRefused::TooMany => {
                    (codes::RATE_LIMITED, format!("At most {OPEN_REQUESTS} requests may be open."))
                }
            };
            return self.error(code, detail, Some(id));
        }
        let place = Place { connection: self.connection.clone(), generation: self.generation, id };
        match build(request, caller) {
            Ok(request) => drop(tokio::spawn(run(self.plexer.api.clone(), request, place))),
            Err((code, detail)) => {
                drop(place);
                self.error(code, detail.into(), Some(id));
            }
        }
    }
}

/// A request's place among the open ones. Given back whatever happens.
struct Place {
    connection: Arc<Connection>,
    generation: u32,
    id: u64,
}

impl Place {
    /// Answers, unless the socket that asked is gone.
    fn answer(self, frame: Vec<u8>) {
        let connection = self.connection.clone();
        let generation = self.generation;
        // The place is free before the client can see that it is.
        drop(self);
        connection.answer(generation, frame);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connection.with(|state| {
            if state.generation == self.generation {
                state.close_request(self.id);
            }
        });
    }
}

type Refused = (&'static str, &'static str);

fn build(request: ClientRequest, caller: Caller) -> Result<Request<Body>, Refused> {
    let method = method(&request.method).ok_or((codes::METHOD_NOT_ALLOWED, "Unknown method."))?;
    let uri =
        path(&request.path).ok_or((codes::NOT_FOUND, "A path begins with /v1/ and is not a stream."))?;
    let body = request.body.map(|json| Bytes::from(Box::<str>::from(json).into_string()));
    let mut built = Request::builder().method(method).uri(uri).extension(caller);
    if body.is_some() {
        built = built.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case(IDEMPOTENCY_KEY.as_str()) {
            built = built.header(IDEMPOTENCY_KEY, value);
        }
    }
    let body = body.map_or_else(Body::empty, Body::from);
    built.body(body).map_err(|_| (codes::INVALID_PARAMETER, "A header has a character that it may not have."))
}

fn method(name: &str) -> Option<Method> {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
        .into_iter()
        .find(|method| method.as_str() == name)
}

fn path(text: &str) -> Option<Uri> {
    let uri: Uri = text.starts_with("/v1/").then(|| text.parse().ok()).flatten()?;
    (!NOT_OVER_SOCKETS.contains(&uri.path().trim_end_matches('/'))).then_some(uri)
}

async fn run(api: Router, request: Request<Body>, place: Place) {
    let Ok(response) = api.oneshot(request).await;
    let id = place.id;
    let frame = match read(response).await {
        Ok((status, body)) => response_frame(id, status, &body),
        Err(()) => response_frame(id, 500, &too_large()),
    };
    place.answer(frame);
}

/// The status and the body, if that is JSON: anything else cannot be put into a frame.
async fn read(response: Response) -> Result<(u16, Bytes), ()> {
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_vec());
    let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await.map_err(drop)?.to_bytes();
    let is_json = kind.is_some_and(|kind| {
        [&b"application/json"[..], b"application/problem+json"].iter().any(|json| kind.starts_with(json))
    });
    if body.is_empty() || is_json { Ok((status, body)) } else { Err(()) }
}

fn too_large() -> Vec<u8> {
    let problem = petit_protocol::Problem {
        status: 500,
        code: codes::INTERNAL.to_owned(),
        title: "Internal Server Error".to_owned(),
        detail: "This answer cannot be carried by the socket. Ask for it over HTTP.".to_owned(),
        field: None,
        retry_after_s: None,
    };
    serde_json::to_vec(&problem).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_api_paths_are_taken() {
        for good in ["/v1/me", "/v1/chats?limit=2", "/v1/socket-ticket"] {
            assert!(path(good).is_some(), "{good}");
        }
        for bad in [
            "/v1/socket",
            "/v1/events?ticket=x",
            "/v1/events/",
            "/healthz",
            "http://x/v1/me",
            "/v1",
            "",
            "/v1/ x",
        ] {
            assert!(path(bad).is_none(), "{bad}");
        }
    }
}
