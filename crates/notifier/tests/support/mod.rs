#![expect(dead_code, reason = "each test uses its part")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use petit_app::App;
use petit_notifier::{Guard, Notifier, Peers, Settings};
use petit_testkit::{TestApp, listen};
use tokio::{runtime::Runtime, sync::oneshot};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{service::Routes, transport::Server};

/// A notifier behind a loopback port, on a runtime of its own: when that ends, everything is cut off as
/// if the process had been killed.
pub struct Node {
    pub app: Arc<TestApp>,
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

/// Settings that do not make tests wait.
pub fn fast() -> Settings {
    Settings {
        beat: Duration::from_millis(200),
        lease: Duration::from_millis(1_500),
        offline_after: Duration::from_millis(300),
        presence_every: Duration::from_millis(50),
        sweep_every: Duration::from_millis(20),
        heads_good_for: Duration::ZERO,
    }
}

impl Node {
    pub async fn start() -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::at(free, Arc::new(TestApp::start().await)).await
    }

    /// A notifier on this address and this application.
    pub async fn at(address: SocketAddr, app: Arc<TestApp>) -> Self {
        Self::with(address, app, Guard::open()).await
    }

    /// A notifier that looks at who calls.
    pub async fn guarded(guard: Guard) -> Self {
        Self::with(SocketAddr::from(([127, 0, 0, 1], 0)), Arc::new(TestApp::start().await), guard).await
    }

    async fn with(address: SocketAddr, app: Arc<TestApp>, guard: Guard) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let (ready, is_ready) = oneshot::channel();
        runtime.spawn(serve(address, app.app.clone(), guard, ready));
        let address = is_ready.await.expect("it listens");
        Self { app, address, runtime: Some(runtime) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn peers(&self) -> Arc<Peers> {
        Peers::new(&[self.url()], &Guard::open()).expect("an address")
    }

    /// The process is gone, with everything it had open.
    pub fn kill(mut self) -> (SocketAddr, Arc<TestApp>) {
        self.cut();
        (self.address, self.app.clone())
    }

    /// The process stands still for a while, as when it is stopped or its machine is too busy.
    pub fn freeze(&self, how_long: Duration) {
        let runtime = self.runtime.as_ref().expect("it lives");
        runtime.spawn(async move { std::thread::sleep(how_long) });
    }

    fn cut(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.cut();
    }
}

async fn serve(address: SocketAddr, app: Arc<App>, guard: Guard, ready: oneshot::Sender<SocketAddr>) {
    let listener = listen(address).await;
    let notifier = Notifier::start(app, &fast());
    let mut routes = Routes::builder();
    petit_notifier::mount(&mut routes, notifier, guard);
    let services = &[petit_notifier::NOTIFIER];
    petit_notifier::mount_health_and_reflection(&mut routes, services).await.expect("descriptions");
    let _ = ready.send(listener.local_addr().expect("an address"));
    let server = Server::builder().add_routes(routes.routes());
    server.serve_with_incoming(TcpListenerStream::new(listener)).await.expect("serving");
}
