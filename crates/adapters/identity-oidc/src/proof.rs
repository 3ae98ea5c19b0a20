//! The proof that a token comes from the provider: its signature (JWS, RFC 7515) by one of the keys it published.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    AccessToken, AccessTokenHash, JsonWebKey, JsonWebKeyId,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::claims::Claims;

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

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unproven {
    /// Perhaps the provider has a new key.
    #[error("no published key fits the token")]
    UnknownKey,
    #[error("{0}")]
    Wrong(&'static str),
}

/// Claims that a key of the provider's has signed.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) claims: Claims,
    algorithm: CoreJwsSigningAlgorithm,
    key: CoreJsonWebKey,
}

#[derive(Deserialize)]
struct Head {
    alg: CoreJwsSigningAlgorithm,
    #[serde(default)]
    kid: Option<JsonWebKeyId>,
    #[serde(default)]
    crit: Option<Value>,
}

/// Reads a token in its compact form. Nothing of its claims is looked at before the signature is right.
pub(crate) fn prove(token: &str, keys: &CoreJsonWebKeySet) -> Result<Proven, Unproven> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Unproven::Wrong("this is no token"))?;
    let (head, claims) = signed.split_once('.').ok_or(Unproven::Wrong("this is no token"))?;
    let head: Head = part(head)?;
    if head.crit.is_some() {
        return Err(Unproven::Wrong("the token demands what is not known here"));
    }
    if !ALGORITHMS.contains(&head.alg) {
        return Err(Unproven::Wrong("the token is not signed in a way that proves who did it"));
    }
    let signature = decoded(signature)?;
    let key = signer(&head, signed.as_bytes(), &signature, keys)?;
    Ok(Proven { claims: part(claims)?, algorithm: head.alg, key })
}

/// The key that made the signature, among those that the token may mean.
fn signer(
    head: &Head,
    signed: &[u8],
    signature: &[u8],
    keys: &CoreJsonWebKeySet,
) -> Result<CoreJsonWebKey, Unproven> {
    let named = |key: &&CoreJsonWebKey| head.kid.is_none() || key.key_id() == head.kid.as_ref();
    let mut candidates = keys.keys().iter().filter(named).peekable();
    if candidates.peek().is_none() {
        return Err(Unproven::UnknownKey);
    }
    let made_it = |key: &&CoreJsonWebKey| key.verify_signature(&head.alg, signed, signature).is_ok();
    candidates.find(made_it).cloned().ok_or(match head.kid {
        Some(_) => Unproven::Wrong("the signature is wrong"),
        None => Unproven::UnknownKey,
    })
}

fn decoded(part: &str) -> Result<Vec<u8>, Unproven> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Unproven::Wrong("this is no token"))
}

fn part<T: DeserializeOwned>(part: &str) -> Result<T, Unproven> {
    serde_json::from_slice(&decoded(part)?)
        .map_err(|_| Unproven::Wrong("the token does not say what it has to"))
}

impl Proven {
    /// Whether an access token is the one that a hash in the claims (`at_hash`) is of.
    pub(crate) fn came_with(&self, hash: &str, access_token: &AccessToken) -> bool {
        AccessTokenHash::from_token(access_token, &self.algorithm, &self.key)
            .is_ok_and(|actual| actual.as_str() == hash)
    }
}
