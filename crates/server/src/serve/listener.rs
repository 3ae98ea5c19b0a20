//! The accept loop: HTTP/1.1 with upgrades, one task for each connection.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, StatusCode, header::CONNECTION},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use petit_config::Network;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use super::{address, body::ReadOut, host};

/// How many may wait to be accepted: after a restart everybody comes at once.
const BACKLOG: u32 = 4096;
/// How long a connection may take for a request's head, and stay without one.
const HEAD_WITHIN: Duration = Duration::from_secs(60);
/// How long to wait when no connection can be taken because too many are open.
const BREATH: Duration = Duration::from_millis(50);
/// For how long answers say that their connection ends, before connections that nobody uses are ended. Who asks over
/// one in the moment in which it is ended cannot know whether they were heard.
const NOTICE: Duration = Duration::from_secs(1);

/// Binds the port, or says how to take another one.
pub fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().with_context(|| {
        format!(
            "cannot listen on {address}; choose another address with --listen, such as --listen 127.0.0.1:0"
        )
    })
}

/// A running accept loop.
pub struct Accepting {
    leave: CancellationToken,
    stop: CancellationToken,
    connections: TaskTracker,
    accepting: JoinHandle<()>,
}

/// What is known of the way that requests take to here.
pub struct Front {
    /// The proxies that are believed.
    pub proxies: Vec<Network>,
    /// The address that people open.
    pub public_url: String,
}

/// Starts to accept.
pub fn accept(listener: TcpListener, router: Router, front: Front) -> Accepting {
    let (leave, stop) = (CancellationToken::new(), CancellationToken::new());
    let connections = TaskTracker::new();
    let server = Server {
        router,
        front: Arc::new(front),
        leave: leave.clone(),
        stop: stop.clone(),
        connections: connections.clone(),
    };
    let accepting = tokio::spawn(server.run(listener));
    Accepting { leave, stop, connections, accepting }
}

impl Accepting {
    /// Takes no new connections and lets requests finish, for a while.
    pub async fn stop(self, patience: Duration) {
        self.leave.cancel();
        if !self.connections.is_empty() {
            // All of it, though those who are connected may go at once: others come to an open port, and are told too.
            tokio::time::sleep(NOTICE).await;
        }
        self.stop.cancel();
        // The port is free from here on.
        drop(self.accepting.await);
        self.connections.close();
        if tokio::time::timeout(patience, self.connections.wait()).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
    }
}

#[derive(Clone)]
struct Server {
    router: Router,
    front: Arc<Front>,
    leave: CancellationToken,
    stop: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    async fn run(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    self.connections.spawn(self.clone().converse(stream, peer));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    async fn converse(self, stream: TcpStream, peer: SocketAddr) {
        // Without it the kernel holds small frames back to glue them together: twice the delay.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY");
        }
        let stop = self.stop.clone();
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .serve_connection(TokioIo::new(stream), service_fn(|request| self.answer(request, peer)))
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Infallible> {
        let client = address::client(peer, request.headers(), &self.front.proxies);
        request.extensions_mut().insert(ConnectInfo(client));
        host::restore(request.headers_mut(), &self.front.public_url);
        let request = request.map(|body| Body::new(ReadOut::new(body)));
        let mut response = self.router.clone().call(request).await?;
        if self.leave.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}
