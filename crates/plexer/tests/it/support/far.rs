use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use petit_app::App;
use petit_backstage::{Forwarder, RemoteBackstage};
use petit_plexer::Stage;
use tokio::net::TcpListener;
use tonic::{
    Request, Status,
    service::RoutesBuilder,
    transport::{Server, server::TcpIncoming},
};

/// Whether the application is behind the network in this run.
pub fn is_wanted() -> bool {
    env!("CARGO_CRATE_NAME") == "far"
}

type Guard = fn(Request<()>) -> Result<Request<()>, Status>;

/// An application that is reached over gRPC and HTTP, as from another process.
pub struct Behind {
    grpc: SocketAddr,
    http: SocketAddr,
}

impl Behind {
    pub fn start(app: &Arc<App>, api: Router) -> Self {
        let mut routes = RoutesBuilder::default();
        petit_backstage::mount(&mut routes, Stage::from(app.clone()).backstage, Ok as Guard);
        let (grpc, http) = (listener(), listener());
        let addresses = [&grpc, &http].map(|listener| listener.local_addr().expect("an address"));
        let serving =
            Server::builder().add_routes(routes.routes()).serve_with_incoming(TcpIncoming::from(grpc));
        tokio::spawn(async move { serving.await.expect("serving") });
        let from = api.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(http, from).await.expect("serving") });
        Self { grpc: addresses[0], http: addresses[1] }
    }

    /// What a plexer elsewhere works with: nothing of the application but its bus, its secret and the clock.
    pub fn stage(&self, app: &Arc<App>) -> Stage {
        let addresses = [format!("http://{}", self.grpc)];
        let backstage = RemoteBackstage::new(&addresses, &(Ok as Guard)).expect("an address");
        Stage { backstage, ..Stage::from(app.clone()) }
    }

    pub fn api(&self, app: &Arc<App>) -> Router {
        let urls = [format!("http://{}", self.http)];
        Forwarder::new(&urls, None, app.seal().clone(), app.clock().clone()).expect("an address").router()
    }
}

fn listener() -> TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("the kernel takes it");
    TcpListener::from_std(listener).expect("a runtime")
}
