use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tonic::{
    Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use crate::wire::proto::notifier_client::NotifierClient;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// How often a connection is tried for life, and how long the answer may take.
const ALIVE: Duration = Duration::from_secs(5);

type Check = Arc<dyn Fn(Request<()>) -> Result<Request<()>, Status> + Send + Sync>;

/// What is done to every call before it leaves (adds a proof of who calls) or after it arrives
/// (checks it).
#[derive(Clone)]
pub struct Guard(Check);

impl Guard {
    /// A guard that runs `check` on every call.
    pub fn new(check: impl Fn(Request<()>) -> Result<Request<()>, Status> + Send + Sync + 'static) -> Self {
        Self(Arc::new(check))
    }

    /// Lets everything pass. For tests within one process.
    pub fn open() -> Self {
        Self::new(Ok)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Interceptor for Guard {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        (self.0)(request)
    }
}

pub(crate) type Client = NotifierClient<InterceptedService<Channel, Guard>>;

/// The notifiers of the installation. Connections are made when they are needed and mended by
/// themselves; all calls to one notifier share one.
#[derive(Debug)]
pub struct Peers {
    peers: Vec<Peer>,
    /// Which one is asked first by who may ask any.
    first: AtomicUsize,
}

#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: String,
    channel: Channel,
    guard: Guard,
}

impl Peer {
    pub(crate) fn client(&self) -> Client {
        NotifierClient::with_interceptor(self.channel.clone(), self.guard.clone())
    }
}

impl Peers {
    /// Those at these gRPC addresses (`cluster.notifiers`). `guard` signs the calls. Needs a tokio runtime.
    ///
    /// # Errors
    /// If an address cannot be one.
    pub fn new(addresses: &[String], guard: &Guard) -> Result<Arc<Self>, tonic::transport::Error> {
        let peers = addresses.iter().map(|address| {
            let endpoint = Endpoint::from_shared(address.clone())?
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(ALIVE)
                .keep_alive_timeout(ALIVE)
                .keep_alive_while_idle(true);
            let (address, channel) = (address.clone(), endpoint.connect_lazy());
            Ok(Peer { address, channel, guard: guard.clone() })
        });
        let peers = peers.collect::<Result<_, tonic::transport::Error>>()?;
        Ok(Arc::new(Self { peers, first: AtomicUsize::new(0) }))
    }

    pub(crate) fn all(&self) -> &[Peer] {
        &self.peers
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }

    /// The one to ask when any will do, with the mark that [`Self::give_up`] takes.
    pub(crate) fn any(&self) -> Option<(usize, &Peer)> {
        let first = self.first.load(Ordering::Relaxed);
        self.peers.get(first % self.peers.len().max(1)).map(|peer| (first, peer))
    }

    /// The one that was marked so does not answer: the next is asked from now on.
    pub(crate) fn give_up(&self, mark: usize) {
        let next = mark.wrapping_add(1);
        let _ = self.first.compare_exchange(mark, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}
