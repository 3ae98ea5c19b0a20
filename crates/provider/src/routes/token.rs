//! The token endpoint: a code for an id token (OpenID Connect Core §3.1.3).

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::{HeaderMap, StatusCode, header};
use percent_encoding::percent_decode_str;
use petit_app::ports::Account;
use petit_domain::{ServerRole, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Provider,
    grants::{ACCESS_SECONDS, Grant},
    secret::{digest_text, hash, same},
};

/// How long an id token may be shown as proof. It is read at once.
const ID_TOKEN_SECONDS: i64 = 300;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenForm {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Why no token is given, in the words of RFC 6749 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    Unavailable,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    at_hash: String,
    preferred_username: &'a str,
    name: &'a str,
    petit_role: ServerRole,
}

pub(super) async fn redeem(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    sent: Result<Form<TokenForm>, FormRejection>,
) -> Response {
    let answer = match sent {
        Ok(Form(sent)) => exchange(&provider, &headers, &sent).await,
        Err(_) => Err(Refusal::InvalidRequest),
    };
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (no_store, answer).into_response()
}

async fn exchange(
    provider: &Provider,
    headers: &HeaderMap,
    sent: &TokenForm,
) -> Result<Json<serde_json::Value>, Refusal> {
    check_client(provider, headers, sent)?;
    if sent.grant_type != "authorization_code" {
        return Err(Refusal::UnsupportedGrantType);
    }
    let now = provider.now();
    let grant = provider.grants.redeem(&sent.code, now).ok_or(Refusal::InvalidGrant)?;
    check_grant(provider, &grant, sent)?;
    let account = provider.app.store().accounts.get(grant.subject).await.map_err(|_| Refusal::Unavailable)?;
    let account = account.ok_or(Refusal::InvalidGrant)?;
    let access = provider.grants.issue_access(&sent.code, grant.subject, now, provider.random());
    let id_token =
        provider.key.sign(&claims(provider, &grant, &account, &access, now)).ok_or(Refusal::Unavailable)?;
    Ok(Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "scope": "openid profile",
        "id_token": id_token,
    })))
}

/// The client proves itself by header or by form fields, never by both.
fn check_client(provider: &Provider, headers: &HeaderMap, sent: &TokenForm) -> Result<(), Refusal> {
    let known = match (headers.get(header::AUTHORIZATION), &sent.client_secret) {
        (Some(_), Some(_)) => return Err(Refusal::InvalidRequest),
        (Some(value), None) => {
            let basic = value.to_str().ok().and_then(basic).ok_or(Refusal::InvalidClient)?;
            let same_id = sent.client_id.as_ref().is_none_or(|id| *id == basic.0);
            same_id && provider.client.is(&basic.0, &basic.1)
        }
        (None, Some(secret)) => provider.client.is(sent.client_id.as_deref().unwrap_or_default(), secret),
        (None, None) => false,
    };
    if known { Ok(()) } else { Err(Refusal::InvalidClient) }
}

/// Name and secret of a `Basic` header, which OAuth escapes like form fields before encoding them.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let unescaped = |text: &str| {
        percent_decode_str(&text.replace('+', " ")).decode_utf8().map(|text| text.into_owned()).ok()
    };
    scheme.eq_ignore_ascii_case("basic").then_some((unescaped(id)?, unescaped(secret)?))
}

/// Whoever redeems the code must be the one it was made for.
fn check_grant(provider: &Provider, grant: &Grant, sent: &TokenForm) -> Result<(), Refusal> {
    let ours = grant.client_id == provider.client.id && grant.redirect_uri == sent.redirect_uri;
    let verifier = &sent.code_verifier;
    let proven = (43..=128).contains(&verifier.len()) && same(&digest_text(verifier), &grant.code_challenge);
    if ours && proven { Ok(()) } else { Err(Refusal::InvalidGrant) }
}

fn claims<'a>(
    provider: &'a Provider,
    grant: &Grant,
    account: &'a Account,
    access: &str,
    now: Timestamp,
) -> IdClaims<'a> {
    let seconds = |at: Timestamp| at.micros().div_euclid(1_000_000);
    IdClaims {
        iss: &provider.public_url,
        aud: provider.client.id,
        sub: account.subject.to_string(),
        iat: seconds(now),
        exp: seconds(now.plus_seconds(ID_TOKEN_SECONDS)),
        auth_time: seconds(grant.signed_in_at),
        nonce: grant.nonce.clone(),
        at_hash: BASE64_URL_SAFE_NO_PAD.encode(&hash(access)[..16]),
        preferred_username: account.username.as_str(),
        name: account.name.as_str(),
        petit_role: account.role,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        };
        let challenge = (status == StatusCode::UNAUTHORIZED)
            .then_some([(header::WWW_AUTHENTICATE, "Basic realm=\"petit\"")]);
        (status, challenge, Json(json!({ "error": error }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_basic_header_is_unescaped() {
        let header = format!("Basic {}", BASE64_STANDARD.encode("petit:a%2Bb+c"));
        assert_eq!(basic(&header), Some(("petit".into(), "a+b c".into())));
    }

    proptest! {
        #[test]
        fn any_authorization_header_is_read_without_harm(text in any::<String>(), plain in any::<String>()) {
            let _ = basic(&text);
            let _ = basic(&format!("Basic {text}"));
            let _ = basic(&format!("Basic {}", BASE64_STANDARD.encode(plain)));
        }
    }
}
