//! Questions over gRPC to several nodes with one application behind them.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use petit_app::{AppError, tickets};
use petit_backstage::RemoteBackstage;
use petit_plexer::{Backstage, Stage};
use petit_testkit::{TestApp, listen};
use tokio::{runtime::Runtime, sync::oneshot};
use tonic::{
    Request, Status,
    service::RoutesBuilder,
    transport::{Server, server::TcpIncoming},
};

type Guard = fn(Request<()>) -> Result<Request<()>, Status>;

fn open(request: Request<()>) -> Result<Request<()>, Status> {
    Ok(request)
}

fn closed(_: Request<()>) -> Result<Request<()>, Status> {
    Err(Status::unauthenticated("another secret"))
}

/// A node on a runtime of its own: when that ends, everything is cut off as if it had been killed.
struct Node {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Node {
    async fn start(app: &TestApp, address: SocketAddr, guard: Guard) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let mut routes = RoutesBuilder::default();
        petit_backstage::mount(&mut routes, Stage::from(app.app.clone()).backstage, guard);
        let (ready, is_ready) = oneshot::channel();
        runtime.spawn(async move {
            let listener = listen(address).await;
            ready.send(listener.local_addr().expect("an address")).expect("waited for");
            let serving = Server::builder().add_routes(routes.routes());
            serving.serve_with_incoming(TcpIncoming::from(listener)).await.expect("serving");
        });
        Self { address: is_ready.await.expect("it listens"), runtime: Some(runtime) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn plexer(nodes: &[&Node]) -> Arc<RemoteBackstage<Guard>> {
    let urls: Vec<_> = nodes.iter().map(|node| node.url()).collect();
    RemoteBackstage::new(&urls, &(open as Guard)).expect("addresses")
}

fn is_unavailable<T>(answer: &Result<T, AppError>) -> bool {
    matches!(answer, Err(AppError::Unavailable(_)))
}

#[tokio::test]
async fn a_lost_node_costs_nothing_and_no_node_is_said_at_once_until_one_is_back() {
    let app = TestApp::start().await;
    let (one, other) = (Node::start(&app, any(), open).await, Node::start(&app, any(), open).await);
    let plexer = plexer(&[&one, &other]);
    let everybody = ["alice", "bob", "carol", "mallory"].map(|name| app.id(name));
    let chat = app.group("alice", &["bob"]).await;
    assert_eq!(plexer.chats(everybody[1]).await.expect("an answer")[0].0, chat);
    drop(one);
    for user in everybody {
        plexer.chats(user).await.expect("the other one answers");
    }
    let address = other.address;
    drop(other);
    let begun = Instant::now();
    assert!(is_unavailable(&plexer.chats(everybody[0]).await));
    assert!(begun.elapsed() < Duration::from_secs(3));
    let _back = Node::start(&app, address, open).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while plexer.chats(everybody[0]).await.is_err() {
        assert!(Instant::now() < deadline, "it is not found again");
    }
}

#[tokio::test]
async fn a_ticket_works_once_whichever_plexer_it_is_shown_to() {
    let app = TestApp::start().await;
    let nodes = [Node::start(&app, any(), open).await, Node::start(&app, any(), open).await];
    let (one, other) = (plexer(&[&nodes[0], &nodes[1]]), plexer(&[&nodes[1], &nodes[0]]));
    let alice = app.caller("alice");
    let (ticket, _) = tickets::issue(&app.app, &alice);
    assert_eq!(one.redeem_ticket(&ticket).await.expect("the first time"), alice);
    assert!(matches!(other.redeem_ticket(&ticket).await, Err(AppError::Unauthenticated)));
    assert!(matches!(one.authenticate("pc_wrong").await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn a_store_that_is_lost_is_said_and_signs_nobody_out() {
    let app = TestApp::start().await;
    let node = Node::start(&app, any(), open).await;
    let plexer = plexer(&[&node]);
    let alice = app.caller("alice");
    app.spy.fail_after(0);
    assert!(is_unavailable(&plexer.ended(&[alice]).await));
    assert!(is_unavailable(&plexer.missed_since(alice.user, app.app.now()).await));
    app.spy.heal();
    assert_eq!(plexer.ended(&[alice]).await.expect("an answer"), []);
}

#[tokio::test]
async fn a_node_that_does_not_know_us_signs_nobody_out() {
    let app = TestApp::start().await;
    let node = Node::start(&app, any(), closed).await;
    let plexer = plexer(&[&node]);
    assert!(is_unavailable(&plexer.authenticate(&app.somebody("alice").token).await));
    assert!(is_unavailable(&plexer.ended(&[app.caller("alice")]).await));
}
