use std::sync::Arc;

use petit_domain::ChatId;
use petit_ports::Wish;
use tonic::{
    Request, Response, Status,
    service::{Interceptor, RoutesBuilder},
};
use uuid::Uuid;

use crate::{
    OwnedLog,
    answer::Answer,
    proto::{
        LogReply, LogRequest,
        log_server::{Log, LogServer},
    },
};

/// The compiled description, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/log.bin"));

/// Adds the service to what a process answers over gRPC. `guard` looks at every call before it.
pub fn mount<I, G>(routes: &mut RoutesBuilder, log: &Arc<OwnedLog<I>>, guard: G)
where
    I: Interceptor + Clone + Send + Sync + 'static,
    G: Interceptor + Clone + Send + Sync + 'static,
{
    routes.add_service(LogServer::with_interceptor(Served(log.clone()), guard));
}

struct Served<I>(Arc<OwnedLog<I>>);

#[tonic::async_trait]
impl<I: Interceptor + Clone + Send + Sync + 'static> Log for Served<I> {
    async fn r#do(&self, request: Request<LogRequest>) -> Result<Response<LogReply>, Status> {
        if self.0.is_leaving() {
            return Err(Status::unavailable("this process is leaving"));
        }
        let LogRequest { chat, ask } = request.into_inner();
        let chat = Uuid::from_slice(&chat).map_err(|_| Status::invalid_argument("a chat has 16 bytes"))?;
        let wish: Wish =
            serde_json::from_slice(&ask).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let answer = Answer::of(self.0.local().write(ChatId::from_uuid(chat), wish).await)
            .ok_or_else(|| Status::unavailable("the store does not answer"))?;
        let told = serde_json::to_vec(&answer).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(LogReply { told: told.into() }))
    }
}
