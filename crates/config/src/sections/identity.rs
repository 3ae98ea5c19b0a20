use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::given_once;
use crate::{
    table::table,
    values::{PublicUrl, Secret, SignUp},
};

/// Who says who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identity {
    /// The provider inside the server.
    Builtin(Builtin),
    /// Any OpenID Connect provider.
    Oidc(Oidc),
}

table! {
    /// Accounts and passwords kept by this server.
    Builtin {
        /// Who may make an account: `open` (anybody who reaches the server), `invitation` (whoever was given a
        /// link) or `closed` (nobody; use `petit user add`). The very first account is made with the link
        /// printed at start, whatever stands here. Unless it is set: `open` while only this machine can reach
        /// the server, which is when it listens on a loopback address and has no public_url, else `invitation`.
        sign_up: Option<SignUp> = None, "\"invitation\"";
    }
}

table! {
    /// Single sign-on at an OpenID Connect provider.
    Oidc {
        /// The provider's address, exactly as its discovery document names it.
        issuer: String = String::new(), "\"https://login.example.org/realms/team\"";
        /// Our name at the provider.
        client_id: String = "petit".to_owned(), "\"petit\"";
        /// Our secret at the provider. Give this or the file.
        client_secret: Option<Secret> = None, "\"…\"";
        /// A file that holds the secret and nothing else.
        client_secret_file: Option<PathBuf> = None, "\"/run/secrets/petit-client\"";
        /// The claim that says what somebody may do on the whole server: `owner`, `admin` or `member`. Without
        /// it everybody is a member. May be a list, of which the highest counts, and may be named by a path such as
        /// `realm_access.roles`.
        role_claim: Option<String> = None, "\"petit_role\"";
        /// Whether somebody who signs in for the first time, with an e-mail address that the provider says it
        /// has verified, is the person who was known by that verified address before (another provider, another
        /// realm). An address that is not verified never counts. An address stays with its first person for good:
        /// leave this off where the provider gives somebody's old address to somebody else.
        link_verified_email: bool = false, "false";
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self::Builtin(Builtin::default())
    }
}

impl Identity {
    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        match self {
            Self::Builtin(_) => Ok(()),
            Self::Oidc(oidc) => oidc.validate(),
        }
    }
}

impl Oidc {
    fn validate(&self) -> Result<(), (&'static str, String)> {
        self.issuer.parse::<PublicUrl>().map_err(|wrong| ("identity.issuer", wrong))?;
        self.secret().map(drop)
    }

    /// The client secret, from wherever it was given.
    ///
    /// # Errors
    /// If neither or both ways were given, or the file cannot be read. Names the key.
    pub fn secret(&self) -> Result<Secret, (&'static str, String)> {
        given_once(
            ("identity.client_secret", &self.client_secret),
            ("identity.client_secret_file", &self.client_secret_file),
        )?
        .ok_or_else(|| ("identity.client_secret", "give client_secret or client_secret_file".to_owned()))
    }
}
