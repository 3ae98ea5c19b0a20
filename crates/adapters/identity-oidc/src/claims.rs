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
use petit_domain::{ExternalId, ServerRole};
use petit_ports::SignedIn;
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
    }
}

/// The highest role the claim names: providers send one word or a list of them. Anything else is a member.
fn role(claim: Option<&str>, claims: &OwnClaims) -> ServerRole {
    let named = |value: &Value| serde_json::from_value::<ServerRole>(value.clone()).ok();
    match claim.and_then(|name| claims.by_name.get(name)) {
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
}
