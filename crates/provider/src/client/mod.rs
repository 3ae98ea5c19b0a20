//! How a browser signs in and out, at whichever provider is configured: `/auth/sign-in`,
//! `/auth/callback` and `/auth/sign-out`. The session it gets is a cookie no script can read. The provider
//! itself ends sessions at `/auth/backchannel-logout`.

mod address;
mod browser;
mod callback;
mod ended;
mod hint;
mod pending;
mod sign_in;
mod sign_out;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn,
    routing::{get, post},
};
use petit_app::{App, ports::Identity, sessions};

use crate::{cookies::Cookie, pages::speak};

/// How long a browser stays signed in.
const SESSION_SECONDS: i64 = 90 * 24 * 3600;

/// What these routes need to know.
pub struct ClientSettings {
    /// The address people open, without a path.
    pub public_url: String,
    /// Whether cookies are for HTTPS only.
    pub secure_cookies: bool,
    /// Whether people are recognised by an address that their provider has verified.
    pub link_verified_email: bool,
}

struct Client {
    app: Arc<App>,
    identity: Arc<dyn Identity>,
    public_url: String,
    secure: bool,
    link_verified_email: bool,
    used: ended::Used,
}

impl Client {
    fn redirect_uri(&self) -> String {
        format!("{}/auth/callback", self.public_url)
    }

    fn session_cookie<'a>(&self, token: &'a str, max_age_s: i64) -> Cookie<'a> {
        Cookie { name: sessions::COOKIE, value: token, path: "/", max_age_s, secure: self.secure }
    }
}

/// The routes under `/auth/`.
pub fn router(app: Arc<App>, identity: Arc<dyn Identity>, settings: ClientSettings) -> Router {
    let public_url = settings.public_url.trim_end_matches('/').to_owned();
    let client = Client {
        app,
        identity,
        public_url,
        secure: settings.secure_cookies,
        link_verified_email: settings.link_verified_email,
        used: ended::Used::default(),
    };
    Router::new()
        .route("/auth/sign-in", get(sign_in::start))
        .route("/auth/callback", get(callback::finish))
        .route("/auth/sign-out", post(sign_out::end))
        .route("/auth/backchannel-logout", post(ended::end))
        .layer(from_fn(speak))
        .with_state(Arc::new(client))
}
