use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessTokenHash, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError,
    core::{CoreClientAuthMethod, CoreJwsSigningAlgorithm, CoreResponseType},
};
use petit_ports::{Clock, Identity, IdentityError, LoggedOut, Random, SignIn, SignInStart, SignedIn};

use crate::{
    claims::{Answer, Claims, PlainClient, Token, Verifier, logged_out, signed_in},
    discovery::{Discovery, Published},
    exchange::HttpExchange,
    settings::OidcSettings,
};

/// How far the provider's clock may be from ours.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// A logout token is sent when it is made; an older one was kept by somebody.
const LOGOUT_AGE_S: i64 = 300;

/// Signatures we take: all that prove who signed. Never `none`, never one made with a shared secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
];

type ReadyClient = PlainClient<EndpointSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

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

    fn client(&self, published: &Published, redirect_uri: &str) -> Result<ReadyClient, IdentityError> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(refused)?;
        let client = PlainClient::from_provider_metadata(
            published.as_ref().clone(),
            self.settings.client(),
            Some(self.settings.secret()),
        );
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth_type(published)))
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

    fn verifier(&self, published: &Published) -> Verifier {
        let now = DateTime::from_timestamp_micros(self.clock.now().micros()).unwrap_or(DateTime::UNIX_EPOCH);
        Verifier::new_public_client(
            self.settings.client(),
            published.issuer().clone(),
            published.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |issued| not_of_the_future(issued, now))
    }

    /// The token's claims, if everything about it is right. A key we do not know is looked up once more.
    async fn checked<'t>(
        &self,
        published: Published,
        token: &'t Token,
        nonce: &Nonce,
    ) -> Result<(&'t Claims, Verifier), IdentityError> {
        let verifier = self.verifier(&published);
        match token.claims(&verifier, nonce) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let verifier = self.verifier(&self.discovery.after_unknown_key(&published).await?);
                token.claims(&verifier, nonce).map(|claims| (claims, verifier)).map_err(refused)
            }
            checked => checked.map(|claims| (claims, verifier)).map_err(refused),
        }
    }
}

impl OidcIdentity {
    /// The claims of a token that the provider sent by itself: no sign-in of ours is in it.
    async fn checked_logout<'t>(
        &self,
        published: Published,
        token: &'t Token,
    ) -> Result<&'t Claims, IdentityError> {
        let check =
            |published: &Published| token.claims(&self.verifier(published).allow_all_jose_types(), no_nonce);
        match check(&published) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => check(&self.discovery.after_unknown_key(&published).await?).map_err(refused),
            checked => checked.map_err(refused),
        }
    }
}

/// An id token that was stolen must not pass for a logout token.
fn no_nonce(nonce: Option<&Nonce>) -> Result<(), String> {
    if nonce.is_none() { Ok(()) } else { Err("a logout token has no nonce".to_owned()) }
}

#[async_trait]
impl Identity for OidcIdentity {
    async fn start(&self, redirect_uri: &str) -> Result<SignInStart, IdentityError> {
        let published = self.discovery.published().await?;
        let client = self.client(&published, redirect_uri)?;
        let pending = SignIn { state: self.secret(), nonce: self.secret(), pkce_verifier: self.secret() };
        let verifier = PkceCodeVerifier::new(pending.pkce_verifier.clone());
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let (url, ..) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
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
        let token = answer
            .extra_fields()
            .id_token()
            .ok_or_else(|| IdentityError::Refused("the provider sent no id token".into()))?;
        let nonce = Nonce::new(pending.nonce.clone());
        let (claims, verifier) = self.checked(published, token, &nonce).await?;
        check_party(claims, &self.settings.client_id)?;
        check_access_token(&answer, token, claims, &verifier)?;
        Ok(SignedIn { id_token: token.to_string(), ..signed_in(&self.settings, claims) })
    }

    async fn logged_out(&self, logout_token: &str) -> Result<LoggedOut, IdentityError> {
        let token = logout_token.parse::<Token>().map_err(refused)?;
        let published = self.discovery.published().await?;
        let claims = self.checked_logout(published, &token).await?;
        let age = self.clock.now().micros() / 1_000_000 - claims.issue_time().timestamp();
        if age > LOGOUT_AGE_S {
            return Err(IdentityError::Refused("the logout token is too old".into()));
        }
        logged_out(&self.settings, claims)
            .ok_or_else(|| IdentityError::Refused("the token is not a logout token".into()))
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
        let mut request = LogoutRequest::from(address)
            .set_client_id(self.settings.client())
            .set_post_logout_redirect_uri(back);
        let hint = id_token.and_then(|token| token.parse::<Token>().ok());
        if let Some(hint) = &hint {
            request = request.set_id_token_hint(hint);
        }
        Ok(Some(request.http_get_url().into()))
    }
}

fn refused(error: impl std::error::Error) -> IdentityError {
    IdentityError::Refused(error.to_string())
}

fn not_of_the_future(issued: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
    if issued > now + SKEW { Err("the id token comes from the future".to_owned()) } else { Ok(()) }
}

/// A token that names the party it was made for must name us.
fn check_party(claims: &Claims, client_id: &str) -> Result<(), IdentityError> {
    match claims.authorized_party() {
        Some(party) if party.as_str() != client_id => {
            Err(IdentityError::Refused("the id token was made for another party".into()))
        }
        _ => Ok(()),
    }
}

/// The access token must be the one the id token was made with, if it says so.
fn check_access_token(
    answer: &Answer,
    token: &Token,
    claims: &Claims,
    verifier: &Verifier,
) -> Result<(), IdentityError> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(refused)?;
    let key = token.signing_key(verifier).map_err(refused)?;
    let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(refused)?;
    if &actual == expected {
        return Ok(());
    }
    Err(IdentityError::Refused("the access token is not the id token's".into()))
}

/// How the provider wants us to prove who we are: by header unless it takes only form fields.
fn auth_type(published: &Published) -> AuthType {
    match published.token_endpoint_auth_methods_supported() {
        Some(methods) if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) => AuthType::RequestBody,
        _ => AuthType::BasicAuth,
    }
}
