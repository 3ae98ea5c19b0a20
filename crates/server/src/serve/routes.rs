//! What is mounted for which role.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use petit_api::{ApiError, ApiSettings};
use petit_backstage::Forwarder;
use petit_config::{Role, SignUp};
use petit_notifier::{RemoteBoard, RemoteHeads};
use petit_plexer::{Neighbours, Plexer, Settings, Stage};
use petit_protocol::{Health, Problem, codes};
use petit_provider::client::{self, ClientSettings};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use super::metrics;
use crate::{door::Door, installation::Installation, nodes::Nodes, web};

/// Whether the server wants new work. Shared by who asks and who stops.
#[derive(Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on `/readyz` says no, so that a proxy sends people elsewhere.
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn has_ended(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything the port answers, and the gateway to send away at the end.
pub struct Mounted {
    pub router: Router,
    pub plexer: Option<Arc<Plexer>>,
}

/// Mounts what the configured roles need. Health is answered whatever they are.
pub async fn mount(installation: &Installation, readiness: &Readiness) -> Result<Mounted> {
    let roles = &installation.config.server.roles;
    let config = &installation.config;
    let settings = ApiSettings {
        public_url: installation.public_url.clone(),
        name: config.server.name.clone(),
        invitations: config.sign_up().is_some_and(|sign_up| sign_up != SignUp::Closed),
    };
    let more = installation.program.routes(&installation.app);
    let api = petit_api::router(installation.app.clone(), settings).merge(more);
    let plexer = match roles.contains(&Role::Plexer) {
        true => Some(plexer(installation, api.clone()).await?),
        false => None,
    };
    let mut router = if roles.contains(&Role::Api) {
        everything(installation, api)?
    } else {
        health_of(api).merge(elsewhere(installation)?)
    };
    if let Some(plexer) = &plexer {
        router = router.merge(petit_plexer::router(plexer.clone()));
    }
    Ok(Mounted { router: around(router, readiness), plexer })
}

/// The gateway of a process with a store.
async fn plexer(installation: &Installation, api: Router) -> Result<Arc<Plexer>> {
    gateway(Stage::from(installation.app.clone()), &installation.nodes, api).await
}

/// The gateway, together with those of other processes where there are notifiers.
async fn gateway(stage: Stage, nodes: &Nodes, api: Router) -> Result<Arc<Plexer>> {
    let settings = Settings::default();
    let Some(notifiers) = &nodes.notifiers else {
        return Ok(Plexer::start(stage, api, settings).await?);
    };
    let (bus, clock) = (stage.bus.clone(), stage.clock.clone());
    let patience = petit_notifier::Settings::default();
    let board = RemoteBoard::start(notifiers.clone(), nodes.own, bus, clock, &patience);
    let heads = Arc::new(RemoteHeads::new(notifiers.clone()));
    let neighbours = Neighbours { board: Arc::new(board), heads };
    Ok(Plexer::start_among(stage, api, neighbours, settings).await?)
}

/// Mounts a gateway that has the application in other processes. What it does not answer itself is passed on.
pub async fn mount_door(door: &Door, readiness: &Readiness) -> Result<Mounted> {
    let plexer = gateway(door.stage.clone(), &door.nodes, door.forwarder.router()).await?;
    let stage = door.stage.clone();
    let router = door
        .forwarder
        .router()
        .merge(petit_plexer::router(plexer.clone()))
        .route("/healthz", get(async || Json(Health { status: "ok".to_owned() })))
        .route("/readyz", get(move || is_answered(stage.clone())));
    Ok(Mounted { router: around(router, readiness), plexer: Some(plexer) })
}

/// Whether the application answers questions.
async fn is_answered(stage: Stage) -> Result<Json<Health>, ApiError> {
    stage.backstage.heads(&[]).await?;
    Ok(Json(Health { status: "ok".to_owned() }))
}

/// What a process without the role `api` does not answer is passed on, if it is said where.
fn elsewhere(installation: &Installation) -> Result<Router> {
    let (app, urls) = (&installation.app, &installation.config.cluster.api_urls);
    let is_gateway = installation.config.server.roles.contains(&Role::Plexer);
    if urls.is_empty() || !is_gateway {
        return Ok(Router::new());
    }
    let owners = installation.nodes.owners();
    Ok(Forwarder::new(urls, owners, app.seal().clone(), app.clock().clone())?.router())
}

/// REST, signing in and the web client.
fn everything(installation: &Installation, api: Router) -> Result<Router> {
    let settings = ClientSettings {
        public_url: installation.public_url.clone(),
        secure_cookies: installation.public_url.starts_with("https://"),
        link_verified_email: installation.config.links_verified_email(),
    };
    let signing_in = client::router(installation.app.clone(), installation.identity()?, settings);
    let metrics = metrics::routes(installation.app.clone(), installation.engine.counting());
    let mut router = api.merge(signing_in).merge(metrics).fallback(web::serve);
    if let Some(provider) = &installation.provider {
        router = router.merge(petit_provider::router(provider.clone()));
    }
    Ok(router)
}

fn health_of(api: Router) -> Router {
    let ask = get(move |request: Request| api.oneshot(request));
    Router::new().route("/healthz", ask.clone()).route("/readyz", ask)
}

/// What holds for every answer.
fn around(router: Router, readiness: &Readiness) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(readiness.clone(), not_ready_at_the_end))
        .layer(middleware::map_response(careful_browsers))
}

async fn not_ready_at_the_end(State(readiness): State<Readiness>, request: Request, next: Next) -> Response {
    if readiness.has_ended() && request.uri().path() == "/readyz" {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "stopping".to_owned() }))
            .into_response();
    }
    next.run(request).await
}

/// Headers that take nothing from anybody: no guessing of types, no addresses told to others, no handle
/// on our window for pages that open it. What a route has set itself stays.
async fn careful_browsers(mut response: Response) -> Response {
    const CAREFUL: [(HeaderName, HeaderValue); 3] = [
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in CAREFUL {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// The panic itself is in the log already, by the panic hook.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let problem = Problem {
        status: status.as_u16(),
        code: codes::INTERNAL.to_owned(),
        title: "Internal error".to_owned(),
        detail: "The server made a mistake.".to_owned(),
        field: None,
        retry_after_s: None,
    };
    let mut response = (status, Json(problem)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}
