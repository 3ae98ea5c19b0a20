//! What other processes of the installation ask of this one, over gRPC.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use petit_config::Role;
use petit_notifier::{Notifier, Settings};
use petit_plexer::Stage;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::{
    service::RoutesBuilder,
    transport::{Server, server::TcpIncoming},
};

use crate::installation::Installation;

/// The port for other processes.
pub struct Inner {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Inner {
    /// Answers what the roles of this process bring, if an address is configured.
    pub async fn start(installation: &Installation) -> Result<Option<Self>> {
        let Some(address) = installation.config.cluster.listen else { return Ok(None) };
        let routes = routes(installation).await?;
        let listener = bind(address).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving =
            Server::builder().add_routes(routes.routes()).serve_with_incoming_shutdown(incoming, async {
                let _ = stopped.await;
            });
        let serving = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the port for other processes broke down");
            }
        });
        Ok(Some(Self { stop, serving }))
    }

    /// Takes no new calls. Streams of others end with the process.
    pub fn stop(self) {
        let _ = self.stop.send(());
        self.serving.abort();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} (cluster.listen)"))
}

async fn routes(installation: &Installation) -> Result<RoutesBuilder> {
    let mut routes = RoutesBuilder::default();
    let roles = &installation.config.server.roles;
    let mut services = Vec::new();
    if roles.contains(&Role::Notifier) {
        let notifier = Notifier::start(installation.app.clone(), &Settings::default());
        petit_notifier::mount(&mut routes, notifier, installation.nodes.check());
        services.push(petit_notifier::NOTIFIER);
    }
    if roles.contains(&Role::Api) {
        petit_cluster::mount(&mut routes, &installation.owned, installation.nodes.check());
        services.push(("petit.log.v1.Log", petit_cluster::DESCRIPTORS));
        let backstage = Stage::from(installation.app.clone()).backstage;
        petit_backstage::mount(&mut routes, backstage, installation.nodes.check());
        services.push(("petit.backstage.v1.Backstage", petit_backstage::DESCRIPTORS));
    }
    petit_notifier::mount_health_and_reflection(&mut routes, &services).await?;
    Ok(routes)
}
