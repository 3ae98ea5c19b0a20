//! The provider's signing key: ECDSA on P-256, kept by the server as PEM text.

use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use petit_app::ports::Random;
use serde::Serialize;

/// The stored key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the provider's signing key is damaged: it must be a P-256 key as PKCS#8 PEM text")]
pub struct BadKey(#[source] Option<jsonwebtoken::errors::Error>);

/// Makes a new key. About one draw in four thousand million is not a valid key and is drawn again.
pub fn generate_pem(random: &dyn Random) -> String {
    loop {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let key = p256::SecretKey::from_slice(&bytes).ok();
        if let Some(pem) = key.and_then(|key| key.to_pkcs8_pem(LineEnding::LF).ok()) {
            return pem.as_str().to_owned();
        }
    }
}

/// A key that signs, and its public half as others see it.
pub(crate) struct SigningKey {
    key: EncodingKey,
    header: Header,
    public: JwkSet,
}

impl SigningKey {
    pub(crate) fn from_pem(pem: &str) -> Result<Self, BadKey> {
        let damaged = |error| BadKey(Some(error));
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(damaged)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(damaged)?;
        let name = public.thumbprint(ThumbprintHash::SHA256).map_err(damaged)?;
        public.common.key_id = Some(name.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let header = Header { kid: Some(name), ..Header::new(Algorithm::ES256) };
        let signing = Self { key, header, public: JwkSet { keys: vec![public] } };
        signing.sign(&serde_json::json!({})).map(|_| signing).ok_or(BadKey(None))
    }

    /// A signed token. `None` only if the claims do not encode or the key is unusable, which
    /// [`Self::from_pem`] rules out.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Option<String> {
        jsonwebtoken::encode(&self.header, claims, &self.key).ok()
    }

    pub(crate) fn public(&self) -> &JwkSet {
        &self.public
    }
}

#[cfg(test)]
mod tests {
    use petit_app::ports::SystemRandom;

    use super::*;

    #[test]
    fn a_made_key_signs_and_shows_only_its_public_half() {
        let key = SigningKey::from_pem(&generate_pem(&SystemRandom)).expect("a usable key");
        let public = serde_json::to_value(key.public()).expect("encodes");
        let jwk = &public["keys"][0];
        assert_eq!(
            (&jwk["kty"], &jwk["crv"], &jwk["alg"], &jwk["use"]),
            (&"EC".into(), &"P-256".into(), &"ES256".into(), &"sig".into())
        );
        assert!(jwk["kid"].is_string() && jwk["d"].is_null(), "{jwk}");
    }

    #[test]
    fn the_same_text_is_the_same_key() {
        let pem = generate_pem(&SystemRandom);
        let name = |key: &SigningKey| key.public().keys[0].common.key_id.clone();
        let (one, two) = (SigningKey::from_pem(&pem).expect("key"), SigningKey::from_pem(&pem).expect("key"));
        assert_eq!(name(&one), name(&two));
    }

    #[test]
    fn a_damaged_key_is_an_error_and_never_printed() {
        let pem = generate_pem(&SystemRandom);
        for damaged in
            ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &pem[..pem.len() / 2]]
        {
            let error = SigningKey::from_pem(damaged).err().expect("refused");
            assert!(!format!("{error} {error:?}").contains("BEGIN"), "{error:?}");
        }
    }
}
