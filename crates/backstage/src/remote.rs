use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use petit_app::{AppError, Caller};
use petit_domain::{Acked, ChatId, Head, Timestamp, UserId};
use petit_plexer::{Backstage, Missed};
use petit_ports::Generation;
use petit_protocol::Cursors;
use tokio::time::timeout;
use tonic::{
    Code, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint, Error},
};

use crate::{
    ask::{Answer, Ask, Told, heads, missed_in, positions},
    nodes::Nodes,
    proto::{Question, backstage_client::BackstageClient},
};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// How often a connection is tried for life, and how long the answer may take.
const ALIVE: Duration = Duration::from_secs(5);
/// How long an answer may take, and one that reads much.
const PATIENCE: Duration = Duration::from_secs(2);
const MUCH_PATIENCE: Duration = Duration::from_secs(10);
/// Most chats in one question about heads.
const CHATS: usize = 1_000;
/// How many nodes are asked before it is said that nobody answers.
const TRIES: usize = 2;
/// The largest answer: a replay of two thousand long messages is well below.
const LARGEST: usize = 128 * 1024 * 1024;

type Client<I> = BackstageClient<InterceptedService<Channel, I>>;

/// The application in other processes. Connections are made when they are needed and mended by themselves.
/// A question that one node does not answer is asked of another one, once.
pub struct RemoteBackstage<I> {
    clients: Vec<Client<I>>,
    nodes: Nodes,
}

impl<I: Interceptor + Clone + Send + Sync + 'static> RemoteBackstage<I> {
    /// The application at these gRPC addresses (`cluster.apis`). `guard` signs the calls. Needs a tokio
    /// runtime.
    ///
    /// # Errors
    /// If an address cannot be one.
    pub fn new(addresses: &[String], guard: &I) -> Result<Arc<Self>, Error> {
        let clients = addresses.iter().map(|address| {
            let endpoint = Endpoint::from_shared(address.clone())?
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(ALIVE)
                .keep_alive_timeout(ALIVE)
                .keep_alive_while_idle(true);
            let client = BackstageClient::with_interceptor(endpoint.connect_lazy(), guard.clone());
            Ok(client.max_decoding_message_size(LARGEST))
        });
        let clients = clients.collect::<Result<_, Error>>()?;
        Ok(Arc::new(Self { clients, nodes: Nodes::new(addresses) }))
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, AppError> {
        self.ask_within(PATIENCE, ask).await
    }

    async fn ask_within(&self, patience: Duration, ask: Ask) -> Result<Answer, AppError> {
        let question = serde_json::to_vec(&ask).map_err(|error| AppError::Internal(error.into()))?;
        let question = Question { ask: question.into() };
        let mut last = Status::unavailable("no node is configured");
        for place in self.nodes.order(&ask.subject(), None, Instant::now()).into_iter().take(TRIES) {
            let asked = self.clients[place].clone();
            match ask_one(asked, question.clone(), patience).await {
                Ok(answer) => return Ok(answer),
                Err(status) => {
                    // A node whose store is lost answers at once: it is not left out for that.
                    if !is_from_the_application(&status) {
                        self.nodes.leave_out(place, Instant::now());
                    }
                    last = status;
                }
            }
        }
        Err(AppError::Unavailable(Some(last.into())))
    }
}

async fn ask_one<I: Interceptor>(
    mut client: Client<I>,
    question: Question,
    patience: Duration,
) -> Result<Answer, Status> {
    let asked = timeout(patience, client.ask(question)).await;
    let answer = asked.map_err(|_| Status::deadline_exceeded("no answer in time"))??.into_inner();
    let told: Told =
        serde_json::from_slice(&answer.told).map_err(|error| Status::data_loss(error.to_string()))?;
    Ok((told, answer.events))
}

/// Whether the node itself is well, only not what is behind it.
fn is_from_the_application(status: &Status) -> bool {
    use std::error::Error as _;
    // An older node says that it does not know the question.
    let codes = [Code::Unavailable, Code::Internal, Code::ResourceExhausted, Code::InvalidArgument];
    codes.contains(&status.code()) && status.source().is_none()
}

/// What is no answer to the question that was asked.
fn unexpected<T>(told: Told) -> Result<T, AppError> {
    match told {
        Told::Unauthenticated => Err(AppError::Unauthenticated),
        Told::NotFound => Err(AppError::NotFound),
        told => Err(AppError::Internal(format!("another node answered {told:?}").into())),
    }
}

fn heads_in<T: FromIterator<(ChatId, Head)>>((told, _): Answer) -> Result<T, AppError> {
    match told {
        Told::Heads(positions) => Ok(heads(positions)),
        told => unexpected(told),
    }
}

fn caller_in((told, _): Answer) -> Result<Caller, AppError> {
    match told {
        Told::Caller(caller) => Ok(caller),
        told => unexpected(told),
    }
}

fn missed((told, events): Answer) -> Result<Missed, AppError> {
    match told {
        Told::Missed(resync) => Ok(missed_in(resync, events)),
        told => unexpected(told),
    }
}

#[async_trait]
impl<I: Interceptor + Clone + Send + Sync + 'static> Backstage for RemoteBackstage<I> {
    async fn generation(&self) -> Result<Generation, AppError> {
        match self.ask(Ask::Generation).await? {
            (Told::Generation(generation), _) => Ok(generation),
            (told, _) => unexpected(told),
        }
    }

    async fn redeem_ticket(&self, ticket: &str) -> Result<Caller, AppError> {
        caller_in(self.ask(Ask::Redeem(ticket.to_owned())).await?)
    }

    async fn authenticate(&self, token: &str) -> Result<Caller, AppError> {
        caller_in(self.ask(Ask::Authenticate(token.to_owned())).await?)
    }

    async fn ended(&self, callers: &[Caller]) -> Result<Vec<Caller>, AppError> {
        match self.ask(Ask::Ended(callers.to_vec())).await? {
            (Told::Callers(ended), _) => Ok(ended),
            (told, _) => unexpected(told),
        }
    }

    async fn chats(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, AppError> {
        heads_in(self.ask(Ask::Chats(user)).await?)
    }

    async fn heads_for(&self, user: UserId, chats: &[ChatId]) -> Cursors {
        let asked = self.ask(Ask::HeadsFor(user, chats.to_vec())).await;
        asked.and_then(heads_in).unwrap_or_default()
    }

    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError> {
        // Of none, too, it is asked: that is how it is found out whether anybody answers.
        let mut all = Vec::with_capacity(chats.len());
        let mut rest = chats;
        loop {
            let (some, after) = rest.split_at(rest.len().min(CHATS));
            let answer = self.ask_within(MUCH_PATIENCE, Ask::Heads(some.to_vec())).await?;
            all.extend(heads_in::<Vec<_>>(answer)?);
            if after.is_empty() {
                return Ok(all);
            }
            rest = after;
        }
    }

    async fn missed(&self, user: UserId, from: Cursors) -> Result<Missed, AppError> {
        if from.is_empty() {
            return Ok(Missed::default());
        }
        missed(self.ask_within(MUCH_PATIENCE, Ask::Missed(user, positions(from))).await?)
    }

    async fn missed_since(&self, user: UserId, since: Timestamp) -> Result<Missed, AppError> {
        missed(self.ask_within(MUCH_PATIENCE, Ask::MissedSince(user, since.micros())).await?)
    }

    async fn announce_typing(&self, user: UserId, chat: ChatId) -> Result<(), AppError> {
        match self.ask(Ask::Typing(user, chat)).await? {
            (Told::Done, _) => Ok(()),
            (told, _) => unexpected(told),
        }
    }

    async fn ack(&self, user: UserId, chats: Vec<(ChatId, Acked)>) -> Result<(), AppError> {
        match self.ask(Ask::Ack(user, chats)).await? {
            (Told::Done, _) => Ok(()),
            (told, _) => unexpected(told),
        }
    }

    async fn visible_to(&self, viewer: UserId, users: Vec<UserId>) -> Result<Vec<UserId>, AppError> {
        match self.ask(Ask::VisibleTo(viewer, users)).await? {
            (Told::Users(users), _) => Ok(users),
            (told, _) => unexpected(told),
        }
    }
}
