//! Bare axum: a server that can only say that it is well.

use anyhow::Result;
use axum::{Router, routing::get};

use super::{Started, tell};

#[tokio::main(flavor = "current_thread")]
pub(super) async fn serve() -> Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    tell(&Started { port: listener.local_addr()?.port() })?;
    Ok(axum::serve(listener, Router::new().route("/healthz", get(async || "ok"))).await?)
}
