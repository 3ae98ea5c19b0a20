//! Passes requests on to nodes that answer them.

mod headers;
mod lent;
mod patience;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use http::{HeaderValue, Uri, uri::PathAndQuery};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use petit_app::{AppError, Caller, Seal, vouch};
use petit_domain::ChatId;
use petit_plexer::refusal;
use petit_ports::Clock;

use self::{lent::Lent, patience::Pulse};
use crate::nodes::Nodes;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection is kept that nobody uses; shorter than nodes keep theirs.
const IDLE: Duration = Duration::from_secs(30);
/// How long the head of an answer may take after the last piece of the request, and that to one whose body may be long.
const PATIENCE: Duration = Duration::from_secs(5);
const LONG_PATIENCE: Duration = Duration::from_secs(60);
/// Up to here a body is short.
const SHORT: u64 = 64 * 1024;

/// Passes requests on over HTTP. Bodies are streamed both ways. A request goes to another node if the first
/// one cannot be reached, or if it changes nothing and was not answered; else the answer is 503, and
/// repeating the request is up to the client, who knows whether it may.
#[derive(Clone)]
pub struct Forwarder(Arc<Shared>);

struct Shared {
    targets: Vec<Uri>,
    nodes: Nodes,
    client: Client<HttpConnector, Lent>,
    seal: Seal,
    clock: Arc<dyn Clock>,
    owner: Option<OwnerOf>,
}

/// Which of the nodes a chat is written by, as far as one is known.
pub type OwnerOf = Box<dyn Fn(ChatId) -> Option<usize> + Send + Sync>;

/// Why nodes cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an address such as http://127.0.0.1:8420")]
pub struct NotAnAddress(String);

impl Forwarder {
    /// Passes on to the nodes at these HTTP addresses (`cluster.api_urls`). What concerns a chat is taken to
    /// its `owner` first, which saves the way there from another node.
    ///
    /// # Errors
    /// If one is not the address of a host that is spoken to without TLS.
    pub fn new(
        urls: &[String],
        owner: Option<OwnerOf>,
        seal: Seal,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NotAnAddress> {
        let target = |url: &String| {
            let uri: Option<Uri> = url.parse().ok();
            let uri = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.authority().is_some());
            uri.ok_or_else(|| NotAnAddress(url.clone()))
        };
        let targets = urls.iter().map(target).collect::<Result<_, _>>()?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        let nodes = Nodes::new(urls);
        Ok(Self(Arc::new(Shared { targets, nodes, client, seal, clock, owner })))
    }

    /// Answers every path.
    pub fn router(&self) -> Router {
        Router::new().fallback(forward).with_state(self.clone())
    }
}

async fn forward(State(Forwarder(shared)): State<Forwarder>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let client = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(client)| client.ip());
    let caller = parts.extensions.get::<Caller>().copied();
    headers::without_hops(&mut parts.headers);
    headers::comes_from(&mut parts.headers, client);
    parts.headers.remove(vouch::HEADER);
    if let Some(caller) = caller {
        let proof = vouch::vouch(&shared.seal, caller, shared.clock.now());
        let proof = HeaderValue::try_from(proof).expect("a proof is base64");
        parts.headers.insert(vouch::HEADER, proof);
    }
    let owner = shared.owner.as_ref().and_then(|owner| owner(chat_in(parts.uri.path())?));
    let order = match caller {
        Some(caller) => shared.nodes.order(&caller.user, owner, Instant::now()),
        None => shared.nodes.order(&client, owner, Instant::now()),
    };
    shared.try_all(order, &parts, body).await.unwrap_or_else(|| refusal(&AppError::Unavailable(None)))
}

/// The chat that a path names.
fn chat_in(path: &str) -> Option<ChatId> {
    path.strip_prefix("/v1/chats/")?.split('/').next()?.parse().ok()
}

impl Shared {
    /// `None`: nobody answers.
    async fn try_all(
        &self,
        order: Vec<usize>,
        parts: &http::request::Parts,
        mut body: Body,
    ) -> Option<Response> {
        let patience = match hyper::body::Body::size_hint(&body).upper() {
            Some(0..=SHORT) => PATIENCE,
            _ => LONG_PATIENCE,
        };
        for place in order {
            let pulse = Pulse::new();
            let (lent, back) = Lent::new(body, pulse.clone());
            let request = rebuilt(parts, &self.targets[place], lent)?;
            match pulse.wait(patience, self.client.request(request)).await {
                Some(Ok(response)) => {
                    if headers::ends_connection(response.headers()) {
                        // It is about to go away, and could not say whether it heard the next one.
                        self.nodes.leave_out(place, Instant::now());
                    }
                    return Some(answer(response));
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, node = %self.targets[place], "a request was not passed on");
                    self.nodes.leave_out(place, Instant::now());
                    if !error.is_connect() && !parts.method.is_safe() {
                        return None;
                    }
                }
                None => {
                    tracing::warn!(node = %self.targets[place], "a request was not answered in time");
                    self.nodes.leave_out(place, Instant::now());
                    if !parts.method.is_safe() {
                        return None;
                    }
                }
            }
            // Whatever was sent of it already cannot be sent again.
            body = back.take()?;
        }
        None
    }
}

fn rebuilt(parts: &http::request::Parts, target: &Uri, body: Lent) -> Option<http::Request<Lent>> {
    let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let uri = Uri::builder().scheme("http").authority(target.authority()?.clone()).path_and_query(path);
    let mut request = http::Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = uri.build().ok()?;
    *request.headers_mut() = parts.headers.clone();
    Some(request)
}

fn answer(response: http::Response<hyper::body::Incoming>) -> Response {
    let mut response = response.map(Body::new);
    headers::without_hops(response.headers_mut());
    response
}
