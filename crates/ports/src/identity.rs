//! Who is somebody? Answered by an OpenID Connect provider (OpenID Connect Core 1.0, authorization
//! code flow with PKCE, RFC 7636). The built-in provider and an outside one are the same to us.

use async_trait::async_trait;
use petit_domain::{ExternalId, ServerRole};
use serde::{Deserialize, Serialize};

/// What must be remembered between sending a browser to the provider and its return. Kept in a
/// signed cookie of that browser, never on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Must come back unchanged.
    pub state: String,
    /// Must be inside the id token.
    pub nonce: String,
    /// Proves that who redeems the code is who asked for it.
    pub pkce_verifier: String,
}

/// Where to send the browser, and what to remember meanwhile.
#[derive(Clone, Debug)]
pub struct SignInStart {
    /// The provider's authorization address with all its parameters.
    pub authorize_url: String,
    /// To be given to [`Identity::finish`].
    pub pending: SignIn,
}

/// What the provider says about who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The provider's stable name for them.
    pub external: ExternalId,
    /// `preferred_username`, if told.
    pub username: Option<String>,
    /// `name`, if told.
    pub name: Option<String>,
    /// Their role here.
    pub role: ServerRole,
}

/// Why signing in did not work.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The provider does not answer.
    #[error("the identity provider does not answer")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The provider's answer fails a check (state, nonce, signature, times), or it refused.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
}

/// The client side of OpenID Connect.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Begins a sign-in that will come back to `redirect_uri`. State, nonce and verifier are fresh each time.
    async fn start(&self, redirect_uri: &str) -> Result<SignInStart, IdentityError>;

    /// Redeems the `code` that came back with `state`. Refused unless `state` is the pending one, and
    /// the id token carries the pending nonce, our audience, a known signature and a valid time.
    async fn finish(
        &self,
        redirect_uri: &str,
        pending: &SignIn,
        state: &str,
        code: &str,
    ) -> Result<SignedIn, IdentityError>;

    /// Where to send a browser so that the provider, too, forgets who was signed in.
    async fn end_session_url(&self, return_to: &str) -> Result<Option<String>, IdentityError>;
}
