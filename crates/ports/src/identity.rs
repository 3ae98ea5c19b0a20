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
    /// The address that the provider says it has verified (`email` with `email_verified`), if it does.
    pub verified_email: Option<String>,
    /// What the provider calls this session (`sid`), if it says so.
    pub session: Option<String>,
    /// The id token itself: shown to the provider when the person leaves.
    pub id_token: String,
}

/// Whom the provider wants to be signed out (OpenID Connect Back-Channel Logout 1.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedOut {
    /// The provider's stable name for the person.
    pub external: ExternalId,
    /// One of its sessions; `None` means all of them.
    pub session: Option<String>,
    /// The token's own name (`jti`), so that it works once.
    pub token_id: String,
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

    /// What a logout token says that the provider sent by itself. Refused unless it carries our audience, a
    /// known signature, a valid time, the logout event and no nonce.
    async fn logged_out(&self, logout_token: &str) -> Result<LoggedOut, IdentityError>;

    /// Where to send a browser so that the provider, too, forgets who was signed in. With the id token of the
    /// sign-in it does so without asking.
    async fn end_session_url(
        &self,
        return_to: &str,
        id_token: Option<&str>,
    ) -> Result<Option<String>, IdentityError>;
}
