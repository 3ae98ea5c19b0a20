use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use petit_domain::{ChatId, Edition, Head, Message, Timestamp, UserId};
use petit_ports::{
    Appended, ChangeRecord, CommitObserver, Edited, LogStore, NewChange, NewMessage, PageAt, StoreError,
};
use tonic::{
    Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint, Error},
};

use crate::{
    ask::{Ask, Told},
    owners::Owners,
    proto::{LogRequest, log_client::LogClient},
};

/// How long a connection to an owner may take.
const REACH: Duration = Duration::from_millis(150);
/// How long an owner may take to answer. Then this process does it: what the owner may still do is the same.
const ANSWER: Duration = Duration::from_millis(1_500);
const ALIVE: Duration = Duration::from_secs(5);

/// A log whose entries are written by the owner of their chat.
pub struct OwnedLog<I> {
    local: Arc<dyn LogStore>,
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
        local: Arc<dyn LogStore>,
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

    pub(crate) fn local(&self) -> &dyn LogStore {
        &*self.local
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Relaxed)
    }

    /// Has it done by the owner; by the next one if that does not answer; here if nobody does.
    async fn done(&self, chat: ChatId, ask: Ask) -> Result<Told, StoreError> {
        for _ in 0..self.peers.len() {
            let now = Instant::now();
            let Some(owner) = self.owners.of(chat, now) else { break };
            match self.done_by(owner, chat, &ask).await {
                Ok(told) => return told.refused(),
                Err(status) => {
                    tracing::debug!(%status, chat.id = %chat, "the owner of chat {chat} does not answer");
                    self.owners.leave_out(owner, now);
                }
            }
        }
        ask.perform(&*self.local, chat).await
    }

    async fn done_by(&self, owner: usize, chat: ChatId, ask: &Ask) -> Result<Told, Status> {
        let internal = |error: serde_json::Error| Status::internal(error.to_string());
        let ask = serde_json::to_vec(ask).map_err(internal)?;
        let request = LogRequest { chat: chat.uuid().as_bytes().to_vec().into(), ask: ask.into() };
        let mut peer = self.peers[owner].clone();
        let answered = tokio::time::timeout(ANSWER, peer.r#do(request)).await;
        let reply = answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))?;
        serde_json::from_slice(&reply.into_inner().told).map_err(internal)
    }
}

impl Told {
    /// What the owner's store refuses, ours would refuse too.
    fn refused(self) -> Result<Self, StoreError> {
        match self {
            Self::ReadOnly => Err(StoreError::ReadOnly),
            Self::Inconsistent(what) => Err(StoreError::Inconsistent(what)),
            told => Ok(told),
        }
    }
}

fn odd<T>(told: &Told) -> Result<T, StoreError> {
    Err(StoreError::Inconsistent(format!("the owner answered {told:?}")))
}

#[async_trait]
impl<I: Interceptor + Clone + Send + Sync + 'static> LogStore for OwnedLog<I> {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        // Whoever writes an entry announces it.
        self.local.observe(observer);
    }

    async fn append(&self, chat: ChatId, message: NewMessage) -> Result<Appended, StoreError> {
        match self.done(chat, Ask::Append(message)).await? {
            Told::Appended(appended) => Ok(appended),
            told => odd(&told),
        }
    }

    async fn append_change(
        &self,
        chat: ChatId,
        change: NewChange,
    ) -> Result<Option<ChangeRecord>, StoreError> {
        match self.done(chat, Ask::Change(change)).await? {
            Told::Change(change) => Ok(change),
            told => odd(&told),
        }
    }

    async fn edit(
        &self,
        chat: ChatId,
        seq: i64,
        text: &str,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        match self.done(chat, Ask::Edit { seq, text: text.to_owned(), actor, at }).await? {
            Told::Edited(edited) => Ok(edited),
            told => odd(&told),
        }
    }

    async fn delete(
        &self,
        chat: ChatId,
        seq: i64,
        actor: UserId,
        at: Timestamp,
    ) -> Result<Edited, StoreError> {
        match self.done(chat, Ask::Delete { seq, actor, at }).await? {
            Told::Edited(edited) => Ok(edited),
            told => odd(&told),
        }
    }

    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        self.local.head(chat).await
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        self.local.get(chat, seq).await
    }

    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.local.page(chat, at, limit).await
    }

    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        self.local.changes_after(chat, cseq, limit).await
    }

    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError> {
        self.local.history(chat, seq, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.local.ready().await
    }
}
