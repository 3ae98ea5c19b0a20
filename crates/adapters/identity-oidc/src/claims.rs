use std::collections::BTreeMap;

use openidconnect::{
    AdditionalClaims, Client, EmptyExtraTokenFields, IdToken, IdTokenClaims, IdTokenFields, IdTokenVerifier,
    StandardErrorResponse, StandardTokenIntrospectionResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenType,
    },
};
use petit_domain::{ExternalId, Named, ServerRole};
use petit_ports::{LoggedOut, SignedIn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::settings::OidcSettings;

/// Claims that OpenID Connect does not define, by name.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OwnClaims {
    #[serde(flatten)]
    by_name: BTreeMap<String, Value>,
}

impl AdditionalClaims for OwnClaims {}

pub(crate) type Token =
    IdToken<OwnClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub(crate) type Claims = IdTokenClaims<OwnClaims, CoreGenderClaim>;
pub(crate) type Verifier = IdTokenVerifier<'static, CoreJsonWebKey>;

type Fields = IdTokenFields<
    OwnClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

pub(crate) type Answer = StandardTokenResponse<Fields, CoreTokenType>;

/// The `openidconnect` client with our claims in its tokens; the other parameters are its usual ones.
pub(crate) type PlainClient<Auth, Missing, Token, UserInfo> = Client<
    OwnClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    StandardTokenIntrospectionResponse<EmptyExtraTokenFields, CoreTokenType>,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Auth,
    Missing,
    Missing,
    Missing,
    Token,
    UserInfo,
>;

/// What checked claims say, in our words.
pub(crate) fn signed_in(settings: &OidcSettings, claims: &Claims) -> SignedIn {
    SignedIn {
        external: ExternalId {
            issuer: settings.known_as.clone(),
            subject: claims.subject().as_str().to_owned(),
        },
        username: claims.preferred_username().map(|name| name.as_str().to_owned()),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
        role: role(settings.role_claim.as_deref(), claims.additional_claims()),
        verified_email: verified_email(claims),
        session: claims.additional_claims().text("sid"),
        id_token: String::new(),
    }
}

/// The address, if the provider vouches for it.
fn verified_email(claims: &Claims) -> Option<String> {
    let is_verified = claims.email_verified() == Some(true);
    claims.email().filter(|_| is_verified).map(|email| email.as_str().to_owned())
}

/// The event that makes a token a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What checked claims of a logout token say; `None` if they are not of one.
pub(crate) fn logged_out(settings: &OidcSettings, claims: &Claims) -> Option<LoggedOut> {
    let own = claims.additional_claims();
    own.by_name.get("events")?.get(LOGOUT)?.as_object()?;
    let external =
        ExternalId { issuer: settings.known_as.clone(), subject: claims.subject().as_str().to_owned() };
    Some(LoggedOut { external, session: own.text("sid"), token_id: own.text("jti")? })
}

impl OwnClaims {
    fn text(&self, name: &str) -> Option<String> {
        self.by_name.get(name)?.as_str().map(str::to_owned)
    }

    /// A claim by its name, or by a path of names such as `realm_access.roles`.
    fn find(&self, path: &str) -> Option<&Value> {
        self.by_name.get(path).or_else(|| {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(self.by_name.get(first)?, |value, name| value.get(name))
        })
    }
}

/// The highest role the claim names: providers send one word or a list of them. Anything else is a member.
fn role(claim: Option<&str>, claims: &OwnClaims) -> ServerRole {
    let named =
        |value: &Value| serde_json::from_value::<ServerRole>(value.clone()).ok().filter(ServerRole::is_known);
    match claim.and_then(|path| claims.find(path)) {
        Some(Value::Array(values)) => values.iter().filter_map(named).max(),
        Some(value) => named(value),
        None => None,
    }
    .unwrap_or(ServerRole::Member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_the_highest_that_is_named_and_otherwise_a_member() {
        for (json, expected) in [
            (r#"{"r":"owner"}"#, ServerRole::Owner),
            (r#"{"r":["member","admin","unknown"]}"#, ServerRole::Admin),
            (r#"{"r":"root"}"#, ServerRole::Member),
            (r#"{"r":7}"#, ServerRole::Member),
            (r#"{"other":"owner"}"#, ServerRole::Member),
        ] {
            let claims: OwnClaims = serde_json::from_str(json).expect("claims");
            assert_eq!(role(Some("r"), &claims), expected, "{json}");
            assert_eq!(role(None, &claims), ServerRole::Member, "no claim is trusted: {json}");
        }
    }

    #[test]
    fn a_role_is_found_along_a_path() {
        let nested = r#"{"realm_access":{"roles":["offline_access","owner"]},"a.b":"admin"}"#;
        let claims: OwnClaims = serde_json::from_str(nested).expect("claims");
        assert_eq!(role(Some("realm_access.roles"), &claims), ServerRole::Owner);
        assert_eq!(role(Some("a.b"), &claims), ServerRole::Admin, "a name with a dot in it comes first");
        for nowhere in ["realm_access", "realm_access.roles.0.x", "realm_access.", "."] {
            assert_eq!(role(Some(nowhere), &claims), ServerRole::Member, "{nowhere}");
        }
    }
}
