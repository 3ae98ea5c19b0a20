//! Two whole plexers that know of each other through two notifiers.

mod support;

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::{Request, Response, header};
use http_body_util::BodyExt;
use petit_notifier::{Guard, Peers, RemoteBoard, RemoteHeads};
use petit_plexer::{Neighbours, Plexer, Settings};
use petit_testkit::{TestApp, eventually};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use self::support::{Node, fast};

async fn plexer(number: u128, app: &TestApp, notifiers: &[&Node]) -> Router {
    let urls: Vec<_> = notifiers.iter().map(|node| node.url()).collect();
    let peers = Peers::new(&urls, &Guard::open()).expect("addresses");
    let (bus, clock) = (app.app.bus().clone(), app.app.clock().clone());
    let board = RemoteBoard::start(peers.clone(), Uuid::from_u128(number << 64), bus, clock, &fast());
    eventually("all notifiers answer", async || board.connected() == notifiers.len()).await;
    let neighbours = Neighbours { board: Arc::new(board), heads: Arc::new(RemoteHeads::new(peers)) };
    let settings = Settings {
        sweep_every: Duration::from_millis(20),
        compare_every: Duration::from_millis(100),
        compare_grace: Duration::from_millis(50),
        ..Settings::default()
    };
    let plexer = Plexer::start_among(app.app.clone(), app.router(), neighbours, settings);
    petit_plexer::router(plexer.await.expect("the bus works"))
}

async fn get(plexer: &Router, app: &TestApp, who: &str, path: &str) -> Response<Body> {
    let bearer = format!("Bearer {}", app.as_(who).token());
    let request = Request::get(path).header(header::AUTHORIZATION, bearer).body(Body::empty());
    plexer.clone().oneshot(request.expect("a request")).await.expect("an answer")
}

/// How `who` sees `whom` through a plexer.
async fn sees(plexer: &Router, app: &TestApp, who: &str, whom: &str) -> Value {
    let path = format!("/v1/presence?users={}", app.id(whom));
    let body = get(plexer, app, who, &path).await.into_body().collect().await.expect("a body");
    let page: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    page["items"][0]["presence"].clone()
}

/// Pieces of an event stream up to one that has this text.
async fn read_until(stream: &mut Body, text: &str) {
    let reading = async {
        loop {
            let piece = stream.frame().await.expect("not the end").expect("a piece");
            let piece = piece.into_data().unwrap_or_default();
            if String::from_utf8_lossy(&piece).contains(text) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_on_two_plexers_who_leaves_one_is_here_and_who_leaves_both_is_gone() {
    let one = Node::start().await;
    let app = one.app.clone();
    let other = Node::at(([127, 0, 0, 1], 0).into(), app.clone()).await;
    app.group("alice", &["bob"]).await;
    let (a, b) = (plexer(1, &app, &[&one, &other]).await, plexer(2, &app, &[&one, &other]).await);
    let at_home = get(&a, &app, "alice", "/v1/events").await.into_body();
    let at_work = get(&b, &app, "alice", "/v1/events").await.into_body();
    for plexer in [&a, &b] {
        eventually("here", async || sees(plexer, &app, "bob", "alice").await == "online").await;
    }
    drop(at_home);
    tokio::time::sleep(fast().offline_after * 4).await;
    for plexer in [&a, &b] {
        assert_eq!(sees(plexer, &app, "bob", "alice").await, "online");
    }
    drop(at_work);
    for plexer in [&a, &b] {
        eventually("gone", async || sees(plexer, &app, "bob", "alice").await == "offline").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bus_lost_is_found_by_asking_the_notifier() {
    let node = Node::start().await;
    let app = node.app.clone();
    let chat = app.group("alice", &["bob"]).await;
    let plexer = plexer(1, &app, &[&node]).await;
    let mut stream = get(&plexer, &app, "bob", "/v1/events").await.into_body();
    read_until(&mut stream, ": connected").await;
    app.bus.break_down(true);
    let message = json!({ "text": "lost", "client_id": "c1" });
    app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), message).await.expect(201);
    read_until(&mut stream, &format!(r#"{{"chats":["{chat}"],"type":"resync"}}"#)).await;
}
