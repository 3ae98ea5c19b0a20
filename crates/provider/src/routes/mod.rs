//! The provider's routes.

mod authorize;
mod discovery;
mod end_session;
mod redirect;
mod sign_in;
mod sign_up;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{get, post},
};

use crate::{Provider, pages::speak};
pub(crate) use redirect::{see_other, with_query};

/// No form here has more than a few short fields.
const LARGEST_BODY: usize = 16 * 1024;

/// Everything under `/oidc/` and the discovery document.
pub fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::show))
        .route("/oidc/jwks", get(discovery::keys))
        .route("/oidc/authorize", get(authorize::by_query).post(authorize::by_form))
        .route("/oidc/sign-in", get(authorize::start_again).post(sign_in::submit))
        .route("/oidc/sign-up", get(sign_up::show).post(sign_up::submit))
        .route("/oidc/setup", get(sign_up::show_setup).post(sign_up::submit))
        .route("/oidc/token", post(token::redeem))
        .route("/oidc/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/oidc/end-session", get(end_session::by_query).post(end_session::by_form))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(speak))
        .with_state(provider)
}
