//! Signing in: the built-in OpenID Connect provider of the embedded profile, its accounts and pages,
//! and under [`client`] the routes by which a browser signs in at any provider.
//!
//! The provider is small on purpose: authorization code flow with PKCE, one registered client, ES256
//! id tokens. It keeps no session of its own, so signing in always asks for the password. Codes and
//! access tokens live in memory for minutes; accounts and invitations are in the store.

pub mod accounts;
mod attempts;
mod authorization;
pub mod client;
mod cookies;
mod errors;
mod forms;
mod grants;
pub mod keys;
mod pages;
mod passwords;
mod registration;
mod routes;
mod secret;
mod visitor;

use std::sync::Arc;

use petit_app::{App, ports::Random};
use petit_domain::{Timestamp, UserId};

use crate::{
    attempts::Attempts,
    authorization::RegisteredClient,
    grants::{Grants, OneUse},
    keys::{BadKey, SigningKey},
    passwords::Passwords,
};
pub use routes::router;

/// The issuer under which the people of the built-in provider are known to the rest of Petit chat.
pub const BUILTIN: &str = "builtin";

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Anybody who reaches the server.
    Open,
    /// Whoever was given an invitation link.
    Invitation,
    /// Nobody: accounts are made on the command line.
    Closed,
}

/// What the built-in provider needs to know.
pub struct ProviderSettings {
    /// The address people open, without a path: `https://chat.example.org`. Also the issuer.
    pub public_url: String,
    /// What people call the server, if it has a name.
    pub name: Option<String>,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// The signing key as [`keys::generate_pem`] made it.
    pub signing_key_pem: String,
    /// What the server proves itself with at the token endpoint.
    pub client_secret: String,
    /// Makes the owner's setup link the same at every start.
    pub secret: [u8; 32],
}

/// The built-in provider.
pub struct Provider {
    app: Arc<App>,
    public_url: String,
    name: Option<String>,
    sign_up: SignUp,
    secret: [u8; 32],
    key: SigningKey,
    client: RegisteredClient,
    passwords: Passwords,
    attempts: Attempts,
    grants: Grants,
    arrivals: OneUse<Arrival>,
}

/// Somebody who has just made an account and need not type the password again.
struct Arrival {
    subject: UserId,
    at: Timestamp,
}

impl Provider {
    /// # Errors
    /// If the signing key is damaged.
    pub fn new(settings: ProviderSettings, app: Arc<App>) -> Result<Arc<Self>, BadKey> {
        let public_url = settings.public_url.trim_end_matches('/').to_owned();
        Ok(Arc::new(Self {
            app,
            sign_up: settings.sign_up,
            secret: settings.secret,
            key: SigningKey::from_pem(&settings.signing_key_pem)?,
            client: RegisteredClient::new(&public_url, settings.client_secret),
            public_url,
            name: settings.name,
            passwords: Passwords::new(),
            attempts: Attempts::default(),
            grants: Grants::new(),
            arrivals: OneUse::new(),
        }))
    }

    /// The link that makes the first account, the owner's; `None` once there is an account. The same
    /// at every start, so that it can be printed again.
    pub async fn setup_link(&self) -> Option<String> {
        match registration::is_empty(self).await {
            Ok(true) => {
                Some(format!("{}/oidc/setup?token={}", self.public_url, registration::setup_token(self)))
            }
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, "Could not look whether there is an account yet");
                None
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.app.now()
    }

    fn random(&self) -> &dyn Random {
        self.app.random().as_ref()
    }

    fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// What people call the server.
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("Petit chat")
    }

    /// The public address as people say it.
    fn place(&self) -> &str {
        self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, place)| place)
    }
}
