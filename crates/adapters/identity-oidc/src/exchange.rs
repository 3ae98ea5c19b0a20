use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use tower::{ServiceExt, util::BoxCloneSyncService};

/// What a provider may answer at most. Discovery documents and key sets are a few KiB.
const MAX_ANSWER: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// How requests reach the provider.
#[derive(Clone)]
pub struct HttpExchange(Way);

#[derive(Clone)]
enum Way {
    InProcess(BoxCloneSyncService<Request<Full<Bytes>>, Response<Vec<u8>>, AnyError>),
    Network(reqwest::Client),
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, ExchangeError>> + Send>>;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    #[error("the provider does not answer")]
    Unreachable(#[source] AnyError),
    #[error("the provider answered {0}")]
    Failing(StatusCode),
}

impl HttpExchange {
    /// Hands requests to a service of this process, such as an axum router: no network, no address
    /// that has to reach itself.
    pub fn in_process<S, B>(service: S) -> Self
    where
        S: tower::Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<AnyError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<AnyError>,
    {
        let service = service.map_err(Into::into).and_then(collected::<B>);
        Self(Way::InProcess(BoxCloneSyncService::new(service)))
    }

    /// Sends requests over the network: TLS by rustls, no redirects, bounded time and size.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn network() -> Result<Self, AnyError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent("petit-chat")
            .build()?;
        Ok(Self(Way::Network(client)))
    }

    /// The exchange as the `openidconnect` crate takes it.
    pub(crate) fn sender(&self) -> impl Fn(Request<Vec<u8>>) -> Answering + Send + Sync + 'static {
        let exchange = self.clone();
        move |request| {
            let exchange = exchange.clone();
            Box::pin(async move { exchange.send(request).await })
        }
    }

    /// One request. A 5xx is a provider that does not work now, not an answer.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ExchangeError> {
        let answer = match &self.0 {
            Way::InProcess(service) => {
                service.clone().oneshot(request.map(|body| Full::new(body.into()))).await
            }
            Way::Network(client) => over_network(client, request).await,
        };
        let answer = answer.map_err(ExchangeError::Unreachable)?;
        match answer.status() {
            status if status.is_server_error() => Err(ExchangeError::Failing(status)),
            _ => Ok(answer),
        }
    }
}

async fn collected<B>(response: Response<B>) -> Result<Response<Vec<u8>>, AnyError>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<AnyError>,
{
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body.into()))
}

async fn over_network(
    client: &reqwest::Client,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, AnyError> {
    let mut response = client.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err("the provider's answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = Response::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    Ok(answer)
}
