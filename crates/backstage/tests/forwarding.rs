//! Requests that are passed on over HTTP to nodes of our own.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request},
    response::Response,
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use petit_app::{Caller, Seal, vouch};
use petit_backstage::{Forwarder, OwnerOf};
use petit_ports::SystemClock;
use petit_testkit::TestApp;
use tokio::{io::AsyncReadExt, net::TcpListener, sync::mpsc};
use tower::ServiceExt;

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

async fn node(router: Router) -> String {
    let (listener, url) = listener().await;
    tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
    url
}

/// Where nobody listens.
async fn nowhere() -> String {
    listener().await.1
}

/// Takes requests, and hangs up instead of answering.
async fn rude() -> (String, Arc<AtomicUsize>) {
    let (listener, url) = listener().await;
    let count = Arc::<AtomicUsize>::default();
    let counting = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let read = stream.read(&mut [0; 1024]).await.expect("a request");
            counting.fetch_add(usize::from(read > 0), Ordering::Relaxed);
        }
    });
    (url, count)
}

/// Answers what it is sent, while it is sent.
fn echo() -> Router {
    let answer =
        async |request: Request| Response::new(Body::from_stream(request.into_body().into_data_stream()));
    Router::new().fallback(answer)
}

fn forwarder(urls: &[String]) -> Router {
    Forwarder::new(urls, None, Seal::new([7; 32]), Arc::new(SystemClock)).expect("addresses").router()
}

fn request(method: Method, from: u8, body: impl Into<Body>) -> Request {
    let client = SocketAddr::from(([192, 0, 2, from], 0));
    let builder = Request::builder().method(method).uri("/v1/any?x=1").extension(ConnectInfo(client));
    builder.body(body.into()).expect("a request")
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

async fn ask(router: &Router, request: Request) -> Response {
    router.clone().oneshot(request).await.expect("an answer")
}

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let router = forwarder(&[node(echo()).await]);
    let (sender, mut pieces) = mpsc::channel::<Bytes>(1);
    let body = futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx)).map(Ok::<_, std::io::Error>);
    let asked = tokio::spawn(router.oneshot(request(Method::POST, 1, Body::from_stream(body))));
    sender.send("one".into()).await.expect("wanted");
    let response = asked.await.expect("it runs").expect("an answer");
    let mut answer = response.into_body().into_data_stream();
    assert_eq!(answer.next().await.expect("a piece").expect("whole"), "one");
    sender.send("two".into()).await.expect("wanted");
    assert_eq!(answer.next().await.expect("a piece").expect("whole"), "two");
    drop(sender);
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn what_concerns_a_chat_goes_to_its_owner_as_long_as_that_answers() {
    let named = |name: &'static str| Router::new().fallback(move || async move { name });
    let urls = [node(named("one")).await, node(named("other")).await, nowhere().await];
    let owner: OwnerOf = Box::new(|chat| usize::try_from(chat.uuid().as_u128() % 4).ok().filter(|n| *n < 3));
    let forwarder = Forwarder::new(&urls, Some(owner), Seal::new([7; 32]), Arc::new(SystemClock));
    let router = forwarder.expect("addresses").router();
    let ask = async |number: u128, from: u8, below: &str| {
        let mut request = request(Method::GET, from, Body::empty());
        let chat = uuid::Uuid::from_u128((7 << 76) | (2 << 62) | number);
        *request.uri_mut() = format!("/v1/chats/{chat}{below}").parse().expect("a path");
        text(ask(&router, request).await).await
    };
    for from in 0..20 {
        assert_eq!(ask(0, from, "").await, "one");
        assert_eq!(ask(1, from, "/messages?limit=1").await, "other");
        assert_ne!(ask(2, from, "/messages").await, "", "its owner is not there: another one answers");
        assert_ne!(ask(3, from, "").await, "", "nobody knows its owner");
    }
}

#[tokio::test]
async fn who_says_that_they_go_away_is_asked_last_from_then_on() {
    let leaving = Router::new().fallback(async || ([(http::header::CONNECTION, "close")], "leaving"));
    let urls = [node(leaving).await, node(Router::new().fallback(async || "staying")).await];
    let owner: OwnerOf = Box::new(|_| Some(0));
    let forwarder = Forwarder::new(&urls, Some(owner), Seal::new([7; 32]), Arc::new(SystemClock));
    let router = forwarder.expect("addresses").router();
    for answer in ["leaving", "staying", "staying"] {
        let mut request = request(Method::GET, 1, Body::empty());
        *request.uri_mut() = "/v1/chats/01a22004-e68c-7911-b757-58a7fe5addf4".parse().expect("a path");
        assert_eq!(text(ask(&router, request).await).await, answer);
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_passed_over_with_the_whole_body() {
    let router = forwarder(&[nowhere().await, node(echo()).await, nowhere().await]);
    for from in 0..20 {
        let response = ask(&router, request(Method::POST, from, format!("body {from}"))).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await, format!("body {from}"));
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let (rude, taken) = rude().await;
    let done = Arc::<AtomicUsize>::default();
    let counting = done.clone();
    let polite = Router::new().fallback(async move || {
        counting.fetch_add(1, Ordering::Relaxed);
    });
    let urls = [rude, node(polite).await];
    let mut refused = 0;
    for from in 0..20 {
        // A new one each time: a node that hung up is not asked first again for a while.
        let body = if from % 2 == 0 { "x" } else { "" };
        let response = ask(&forwarder(&urls), request(Method::POST, from, body)).await;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(response.headers()["retry-after"], "1");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert!(text(response).await.contains("\"unavailable\""));
            refused += 1;
        }
    }
    assert!((1..20).contains(&refused), "each came first for somebody: {refused}");
    assert_eq!((taken.load(Ordering::Relaxed), done.load(Ordering::Relaxed)), (refused, 20 - refused));
    for from in 0..20 {
        let response = ask(&forwarder(&urls), request(Method::GET, from, Body::empty())).await;
        assert_eq!(response.status(), StatusCode::OK, "reading again is harmless");
    }
}

#[tokio::test]
async fn nobody_there_is_a_503_at_once() {
    let router = forwarder(&[nowhere().await, nowhere().await]);
    let begun = Instant::now();
    for method in [Method::GET, Method::POST] {
        assert_eq!(ask(&router, request(method, 1, "x")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn the_node_sees_the_host_and_the_client_and_nothing_that_was_for_one_hop() {
    let show = async |headers: HeaderMap| {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let pairs = headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        Json(pairs.collect::<BTreeMap<_, _>>())
    };
    let router = forwarder(&[node(Router::new().fallback(show)).await]);
    let mut asked = request(Method::GET, 9, Body::empty());
    for (name, value) in [
        ("host", "chat.example.org"),
        ("x-forwarded-for", "6.6.6.6"),
        ("connection", "close, x-secret"),
        ("x-secret", "1"),
        ("upgrade", "h2c"),
        ("cookie", "petit_session=x"),
    ] {
        asked.headers_mut().append(name, HeaderValue::from_static(value));
    }
    let seen: BTreeMap<String, String> =
        serde_json::from_str(&text(ask(&router, asked).await).await).expect("JSON");
    let expected =
        [("cookie", "petit_session=x"), ("host", "chat.example.org"), ("x-forwarded-for", "192.0.2.9")];
    assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_frames_caller_is_believed_and_an_outsiders_proof_goes_no_further() {
    let app = TestApp::start().await;
    let urls = [node(app.router()).await];
    let forwarder = Forwarder::new(&urls, None, app.app.seal().clone(), app.app.clock().clone());
    let router = forwarder.expect("an address").router();
    let me = |proof: Option<&str>, caller: Option<Caller>| {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/v1/me".parse().expect("a path");
        request.headers_mut().extend(proof.map(|proof| {
            (vouch::HEADER.parse().expect("a name"), HeaderValue::from_str(proof).expect("plain"))
        }) as Option<(http::HeaderName, HeaderValue)>);
        caller.map(|caller| request.extensions_mut().insert(caller));
        request
    };
    let alice = app.caller("alice");
    let proof = vouch::vouch(app.app.seal(), alice, app.app.now());
    let direct = ask(&app.router(), me(Some(&proof), None)).await;
    assert!(text(direct).await.contains("\"alice\""), "a process of ours is believed");
    let outsider = ask(&router, me(Some(&proof), None)).await;
    assert_eq!(outsider.status(), StatusCode::UNAUTHORIZED, "even with a stolen proof");
    let frame = ask(&router, me(Some("forged"), Some(alice))).await;
    assert!(text(frame).await.contains("\"alice\""), "the gateway's own word counts");
    app.clock.advance(31);
    let late = ask(&app.router(), me(Some(&proof), None)).await;
    assert_eq!(late.status(), StatusCode::UNAUTHORIZED);
}
