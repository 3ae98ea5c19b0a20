use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use oauth2::{
    AuthType, AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, TokenResponse,
};
use openidconnect::{LogoutRequest, PostLogoutRedirectUrl, core::CoreClientAuthMethod};
use petit_ports::{Clock, Identity, IdentityError, LoggedOut, Random, SignIn, SignInStart, SignedIn};

use crate::{
    answer::{Answer, CodeClient},
    claims::{Claims, logged_out, signed_in},
    discovery::{Discovery, Published},
    exchange::HttpExchange,
    proof::{Proven, Unproven, prove},
    settings::OidcSettings,
};

/// How far the provider's clock may be from ours, in seconds.
const SKEW_S: f64 = 60.0;

/// A logout token is sent when it is made; an older one was kept by somebody.
const LOGOUT_AGE_S: f64 = 300.0;

/// Signs people in at one OpenID provider.
pub struct OidcIdentity {
    settings: OidcSettings,
    http: HttpExchange,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl OidcIdentity {
    /// Nothing is asked of the provider before the first sign-in.
    pub fn new(
        settings: OidcSettings,
        http: HttpExchange,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let discovery = Discovery::new(settings.issuer.clone(), http.clone(), clock.clone());
        Self { settings, http, discovery, clock, random }
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn client(&self, published: &Published, redirect_uri: &str) -> Result<CodeClient, IdentityError> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(refused)?;
        Ok(CodeClient::new(self.settings.client())
            .set_client_secret(self.settings.secret())
            .set_auth_uri(published.authorization_endpoint().clone())
            .set_token_uri_option(published.token_endpoint().cloned())
            .set_redirect_uri(redirect)
            .set_auth_type(auth_type(published)))
    }

    async fn redeem(
        &self,
        published: &Published,
        redirect_uri: &str,
        pending: &SignIn,
        code: &str,
    ) -> Result<Answer, IdentityError> {
        let client = self.client(published, redirect_uri)?;
        let send = self.http.sender();
        client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(refused)?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.pkce_verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(cause) => IdentityError::Unavailable(Some(Box::new(cause))),
                RequestTokenError::ServerResponse(answer) => {
                    IdentityError::Refused(format!("the provider says {}", answer.error().as_ref()))
                }
                _ => IdentityError::Refused("the provider's answer is not a token answer".into()),
            })
    }

    /// The token's claims, if it was made by the provider, for us, and not at another time. A key we do not know is
    /// looked up once more.
    async fn checked(&self, token: &str) -> Result<Proven, IdentityError> {
        let published = self.discovery.published().await?;
        let proven = match prove(token, published.jwks()) {
            Err(Unproven::UnknownKey) => {
                let published = self.discovery.after_unknown_key(&published).await?;
                prove(token, published.jwks())
            }
            proven => proven,
        };
        let proven = proven.map_err(refused)?;
        match self.wrong_with(&proven.claims, published.issuer()) {
            Some(wrong) => Err(IdentityError::Refused(wrong.to_owned())),
            None => Ok(proven),
        }
    }

    /// The checks of OpenID Connect Core, 3.1.3.7, but for the nonce.
    fn wrong_with(&self, claims: &Claims, issuer: &str) -> Option<&'static str> {
        let us = &self.settings.client_id;
        let now = self.seconds();
        // Who else it is for is not ours to judge where it says that it was made for us.
        let is_named = claims.azp.is_some() || claims.aud.len() == 1;
        match () {
            () if claims.iss != issuer => Some("the token comes from another issuer"),
            () if !claims.aud.contains(us) || !is_named => Some("the token is for somebody else"),
            () if claims.azp.as_ref().is_some_and(|party| party != us) => {
                Some("the token was made for another party")
            }
            () if claims.exp + SKEW_S <= now => Some("the token has expired"),
            () if claims.iat > now + SKEW_S => Some("the token comes from the future"),
            () => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 fit for centuries")]
    fn seconds(&self) -> f64 {
        self.clock.now().micros() as f64 / 1e6
    }
}

#[async_trait]
impl Identity for OidcIdentity {
    async fn start(&self, redirect_uri: &str) -> Result<SignInStart, IdentityError> {
        let published = self.discovery.published().await?;
        let client = self.client(&published, redirect_uri)?;
        let pending = SignIn { state: self.secret(), nonce: self.secret(), pkce_verifier: self.secret() };
        let verifier = PkceCodeVerifier::new(pending.pkce_verifier.clone());
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let (url, _) = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new("openid".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", nonce)
            .url();
        Ok(SignInStart { authorize_url: url.into(), pending })
    }

    async fn finish(
        &self,
        redirect_uri: &str,
        pending: &SignIn,
        state: &str,
        code: &str,
    ) -> Result<SignedIn, IdentityError> {
        if state != pending.state {
            return Err(IdentityError::Refused("the state is not ours".into()));
        }
        let published = self.discovery.published().await?;
        let answer = self.redeem(&published, redirect_uri, pending, code).await?;
        let token = answer.id_token.as_deref().ok_or_else(|| says("the provider sent no id token"))?;
        let proven = self.checked(token).await?;
        let claims = &proven.claims;
        if claims.nonce.as_ref() != Some(&pending.nonce) {
            return Err(says("the id token was made for another sign-in"));
        }
        if claims.at_hash.as_ref().is_some_and(|hash| !proven.came_with(hash, answer.access_token())) {
            return Err(says("the access token is not the id token's"));
        }
        let who = signed_in(&self.settings, claims).ok_or_else(|| says("the id token names nobody"))?;
        Ok(SignedIn { id_token: token.to_owned(), ..who })
    }

    async fn logged_out(&self, logout_token: &str) -> Result<LoggedOut, IdentityError> {
        let Proven { claims, .. } = self.checked(logout_token).await?;
        if claims.nonce.is_some() {
            // An id token that was stolen must not pass for a logout token.
            return Err(says("a logout token has no nonce"));
        }
        if self.seconds() - claims.iat > LOGOUT_AGE_S {
            return Err(says("the logout token is too old"));
        }
        logged_out(&self.settings, &claims).ok_or_else(|| says("the token is not a logout token"))
    }

    async fn end_session_url(
        &self,
        return_to: &str,
        id_token: Option<&str>,
    ) -> Result<Option<String>, IdentityError> {
        let published = self.discovery.published().await?;
        let Some(address) = published.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::new(return_to.to_owned()).map_err(refused)?;
        let request = LogoutRequest::from(address)
            .set_client_id(self.settings.client())
            .set_post_logout_redirect_uri(back);
        let mut url = request.http_get_url();
        if let Some(token) = id_token {
            url.query_pairs_mut().append_pair("id_token_hint", token);
        }
        Ok(Some(url.into()))
    }
}

fn refused(error: impl std::error::Error) -> IdentityError {
    IdentityError::Refused(error.to_string())
}

fn says(why: &str) -> IdentityError {
    IdentityError::Refused(why.to_owned())
}

/// How the provider wants us to prove who we are: by header unless it takes only form fields.
fn auth_type(published: &Published) -> AuthType {
    match published.token_endpoint_auth_methods_supported() {
        Some(methods) if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) => AuthType::RequestBody,
        _ => AuthType::BasicAuth,
    }
}
