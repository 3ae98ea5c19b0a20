use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use petit_domain::ChatId;
use petit_ports::{CommitObserver, LogWriter, StoreError, Wish, Written};
use tonic::{
    Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint, Error},
};

use crate::{
    answer::Answer,
    owners::Owners,
    proto::{LogRequest, log_client::LogClient},
};

/// How long a connection to an owner may take.
const REACH: Duration = Duration::from_millis(150);
/// How long an owner may take to answer. Then this process does it: what the owner does later is the same, or is
/// refused because it comes too late.
const ANSWER: Duration = Duration::from_millis(1_500);
const ALIVE: Duration = Duration::from_secs(5);

/// Writes a log by having the owner of each chat write it.
pub struct OwnedLog<I> {
    local: Arc<dyn LogWriter>,
    owners: Owners,
    peers: Vec<LogClient<InterceptedService<Channel, I>>>,
    is_leaving: AtomicBool,
}

impl<I: Interceptor + Clone + Send + Sync + 'static> OwnedLog<I> {
    /// Around the log of this process. `apis` are the gRPC addresses of all owners; `own` is this process's,
    /// if it is one of them. `proof` is added to every call. Needs a tokio runtime.
    ///
    /// # Errors
    /// If an address cannot be one.
    pub fn new(
        local: Arc<dyn LogWriter>,
        apis: &[String],
        own: Option<&str>,
        proof: &I,
    ) -> Result<Arc<Self>, Error> {
        let peers = apis.iter().map(|address| {
            let endpoint = Endpoint::from_shared(address.clone())?
                .connect_timeout(REACH)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(ALIVE)
                .keep_alive_timeout(ALIVE)
                .keep_alive_while_idle(true);
            Ok(LogClient::with_interceptor(endpoint.connect_lazy(), proof.clone()))
        });
        let peers = peers.collect::<Result<Vec<_>, Error>>()?;
        Ok(Arc::new(Self { local, owners: Owners::new(apis, own), peers, is_leaving: false.into() }))
    }

    /// From now on others are told to go elsewhere: this process ends.
    pub fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn local(&self) -> &dyn LogWriter {
        &*self.local
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Relaxed)
    }

    async fn done_by(&self, owner: usize, chat: ChatId, wish: &Wish) -> Result<Answer, Status> {
        let internal = |error: serde_json::Error| Status::internal(error.to_string());
        let ask = serde_json::to_vec(wish).map_err(internal)?;
        let request = LogRequest { chat: chat.uuid().as_bytes().to_vec().into(), ask: ask.into() };
        let mut peer = self.peers[owner].clone();
        let answered = tokio::time::timeout(ANSWER, peer.r#do(request)).await;
        let reply = answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))?;
        serde_json::from_slice(&reply.into_inner().told).map_err(internal)
    }
}

#[async_trait]
impl<I: Interceptor + Clone + Send + Sync + 'static> LogWriter for OwnedLog<I> {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        // Whoever writes an entry announces it.
        self.local.observe(observer);
    }

    /// Has it done by the owner; by the next one if that does not answer; here if nobody does.
    async fn write(&self, chat: ChatId, wish: Wish) -> Result<Written, StoreError> {
        for _ in 0..self.peers.len() {
            let now = Instant::now();
            let Some(owner) = self.owners.of(chat, now) else { break };
            match self.done_by(owner, chat, &wish).await {
                Ok(answer) => return answer.into(),
                Err(status) => {
                    tracing::debug!(%status, chat.id = %chat, "the owner of chat {chat} does not answer");
                    self.owners.leave_out(owner, now);
                }
            }
        }
        self.local.write(chat, wish).await
    }
}
