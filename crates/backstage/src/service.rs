use std::sync::Arc;

use petit_app::AppError;
use petit_plexer::Backstage;
use tonic::{
    Request, Response, Status,
    service::{Interceptor, RoutesBuilder},
};

use crate::{
    ask::Ask,
    proto::{
        Answer, Question,
        backstage_server::{Backstage as Service, BackstageServer},
    },
};

/// The compiled description, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/backstage.bin"));

/// Adds the service to what a process answers over gRPC. `guard` looks at every call before it.
pub fn mount<G>(routes: &mut RoutesBuilder, backstage: Arc<dyn Backstage>, guard: G)
where
    G: Interceptor + Clone + Send + Sync + 'static,
{
    routes.add_service(BackstageServer::with_interceptor(Served(backstage), guard));
}

struct Served(Arc<dyn Backstage>);

#[tonic::async_trait]
impl Service for Served {
    async fn ask(&self, request: Request<Question>) -> Result<Response<Answer>, Status> {
        let ask: Ask = serde_json::from_slice(&request.into_inner().ask)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let (told, events) = ask.perform(&*self.0).await.map_err(|error| status(&error))?;
        let told = serde_json::to_vec(&told).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(Answer { told: told.into(), events }))
    }
}

/// Whoever asked is told that there is no answer; why is for this process's log.
fn status(error: &AppError) -> Status {
    match error {
        AppError::Unavailable(_) => {
            tracing::warn!(%error, "a gateway was not answered");
            Status::unavailable("a part behind this process does not answer")
        }
        error => {
            tracing::error!(cause = ?std::error::Error::source(error), "a gateway was not answered: {error}");
            Status::internal("this process made a mistake")
        }
    }
}
