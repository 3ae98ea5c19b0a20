//! The gRPC service.

use std::{sync::Arc, time::Duration};

use petit_app::{App, AppError, access, read_markers};
use petit_ports::Announcement;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, service::RoutesBuilder};

use crate::{
    Guard,
    attached::{self, OUTGOING, unavailable},
    board::Board,
    heads::Heads,
    watching,
    wire::{
        DESCRIPTORS, chat_id, id_bytes,
        proto::{
            AckBatch, AckReply, ChatHead, FromPlexer, HeadsReply, HeadsRequest, PresenceFrame, PublishReply,
            PublishRequest, Read, ToPlexer, WatchFrame,
            notifier_server::{Notifier as Service, NotifierServer, SERVICE_NAME},
        },
        subject_in, user_id,
    },
};

/// Most chats in one question about heads, and markers in one batch.
const MOST: usize = 1_000;

/// How patient notifiers, and plexers with them, are. The usual values are what `docs/PROTOCOL.md` promises; tests shorten them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often a node says that it lives.
    pub beat: Duration,
    /// For how long a node, or a notifier, counts as alive that says nothing.
    pub lease: Duration,
    /// How long somebody without a connection still counts as here.
    pub offline_after: Duration,
    /// The shortest time between two presence changes of one person.
    pub presence_every: Duration,
    /// How often leases and due changes are looked at.
    pub sweep_every: Duration,
    /// For how long a head that was read answers the next question too.
    pub heads_good_for: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(5),
            lease: Duration::from_secs(15),
            offline_after: Duration::from_secs(30),
            presence_every: Duration::from_secs(5),
            sweep_every: Duration::from_millis(500),
            heads_good_for: Duration::from_secs(1),
        }
    }
}

/// The notification service of one process.
pub struct Notifier {
    app: Arc<App>,
    board: Arc<Board>,
    heads: Heads,
}

impl Notifier {
    /// Starts it on the application's bus, store and clock. Needs a tokio runtime.
    pub fn start(app: Arc<App>, settings: &Settings) -> Arc<Self> {
        let board = Board::start(app.bus().clone(), app.clock().clone(), settings);
        let heads = Heads::new(app.clone(), settings.heads_good_for);
        Arc::new(Self { app, board, heads })
    }

    async fn mark_read(&self, read: &Read) -> Result<(), Status> {
        let (user, chat) = (user_id(&read.user)?, chat_id(&read.chat)?);
        let marked = match access::member(&self.app, chat, user).await {
            Ok(membership) => read_markers::mark(&self.app, &membership, read.seq).await.map(drop),
            Err(error) => Err(error),
        };
        match marked {
            Ok(()) | Err(AppError::NotFound) => Ok(()),
            Err(error) => Err(status(&error)),
        }
    }
}

/// Adds the service to what a process answers over gRPC. `guard` looks at every call before it.
pub fn mount(routes: &mut RoutesBuilder, notifier: Arc<Notifier>, guard: Guard) {
    routes.add_service(NotifierServer::with_interceptor(Shared(notifier), guard));
}

/// A service that a process answers: its full name, and the compiled description it is in.
pub type Described = (&'static str, &'static [u8]);

/// The notification service as [`mount_health_and_reflection`] is told of it.
pub const NOTIFIER: Described = (SERVICE_NAME, DESCRIPTORS);

/// Adds the standard health service and the list of services to what a process answers over gRPC. Both
/// say nothing that is secret, so they ask for no proof. `services` are all others that are mounted.
///
/// # Errors
/// If a description is not one.
pub async fn mount_health_and_reflection(
    routes: &mut RoutesBuilder,
    services: &[Described],
) -> Result<(), tonic_reflection::server::Error> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    for (name, description) in services {
        reporter.set_service_status(*name, tonic_health::ServingStatus::Serving).await;
        reflection = reflection.register_encoded_file_descriptor_set(description);
    }
    routes.add_service(health).add_service(reflection.build_v1()?);
    Ok(())
}

fn status(error: &AppError) -> Status {
    error.log("a process was not answered");
    Status::new(error.grpc_code().into(), error.to_string())
}

struct Shared(Arc<Notifier>);

#[tonic::async_trait]
impl Service for Shared {
    type AttachStream = ReceiverStream<Result<ToPlexer, Status>>;
    type WatchPresenceStream = ReceiverStream<Result<PresenceFrame, Status>>;

    async fn attach(
        &self,
        request: Request<Streaming<FromPlexer>>,
    ) -> Result<Response<Self::AttachStream>, Status> {
        let (out, frames) = mpsc::channel(OUTGOING);
        let (bus, board) = (self.0.app.bus().clone(), self.0.board.clone());
        tokio::spawn(attached::serve(request.into_inner(), bus, board, out));
        Ok(Response::new(ReceiverStream::new(frames)))
    }

    async fn publish(&self, request: Request<PublishRequest>) -> Result<Response<PublishReply>, Status> {
        let PublishRequest { subject, json } = request.into_inner();
        let subject = subject_in(subject)?;
        let announcement = Announcement::received(json)
            .map_err(|error| Status::invalid_argument(format!("not an event: {error}")))?;
        self.0.app.bus().publish(subject, announcement).await.map_err(unavailable)?;
        Ok(Response::new(PublishReply {}))
    }

    async fn ack(&self, request: Request<AckBatch>) -> Result<Response<AckReply>, Status> {
        let AckBatch { reads } = request.into_inner();
        if reads.len() > MOST {
            return Err(Status::invalid_argument(format!("at most {MOST} markers at once")));
        }
        for read in &reads {
            self.0.mark_read(read).await?;
        }
        Ok(Response::new(AckReply {}))
    }

    async fn heads(&self, request: Request<HeadsRequest>) -> Result<Response<HeadsReply>, Status> {
        let HeadsRequest { chats } = request.into_inner();
        if chats.len() > MOST {
            return Err(Status::invalid_argument(format!("at most {MOST} chats at once")));
        }
        let chats: Vec<_> = chats.iter().map(|chat| chat_id(chat)).collect::<Result<_, _>>()?;
        let heads = self.0.heads.of(&chats).await.map_err(|error| status(&error.into()))?;
        let heads = heads.into_iter().map(|(chat, head)| ChatHead {
            chat: id_bytes(chat.uuid()),
            head_seq: head.seq,
            head_cseq: head.cseq,
        });
        Ok(Response::new(HeadsReply { heads: heads.collect() }))
    }

    async fn watch_presence(
        &self,
        request: Request<Streaming<WatchFrame>>,
    ) -> Result<Response<Self::WatchPresenceStream>, Status> {
        let (out, frames) = mpsc::channel(OUTGOING);
        let (bus, board) = (self.0.app.bus().clone(), self.0.board.clone());
        tokio::spawn(watching::serve(request.into_inner(), bus, board, out));
        Ok(Response::new(ReceiverStream::new(frames)))
    }
}
