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

fn status(error: &AppError) -> Status {
    error.log("a gateway was not answered");
    Status::new(error.grpc_code().into(), error.to_string())
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_refusal_keeps_its_kind_and_its_cause_stays_here() {
        let told = |error: AppError| {
            let status = status(&error);
            assert!(!status.message().contains("secret"), "{status:?}");
            status.code()
        };
        assert_eq!(told(AppError::Unauthenticated), Code::Unauthenticated);
        assert_eq!(told(AppError::NotFound), Code::NotFound);
        assert_eq!(told(AppError::invalid("odd", "It is odd.", "text")), Code::InvalidArgument);
        assert_eq!(told(AppError::RateLimited { retry_after_s: 1 }), Code::ResourceExhausted);
        assert_eq!(told(AppError::StorageFull), Code::ResourceExhausted);
        assert_eq!(told(AppError::Unavailable(Some("secret".into()))), Code::Unavailable);
        assert_eq!(told(AppError::Internal("secret".into())), Code::Internal);
    }
}
