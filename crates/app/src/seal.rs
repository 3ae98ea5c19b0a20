//! Tokens the server hands out and later believes: a payload and its HMAC-SHA256, for one purpose each.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs with the installation's secret. Whatever one process signed, every other believes.
#[derive(Clone)]
pub struct Seal([u8; 32]);

impl Seal {
    /// A seal with this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    fn mac(&self, purpose: &str, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(payload);
        mac
    }

    /// A token that [`Seal::verify`] believes for the same purpose.
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> String {
        let tag = self.mac(purpose, payload).finalize().into_bytes();
        format!("{}.{}", BASE64.encode(payload), BASE64.encode(tag))
    }

    /// The payload of a token that was signed with this secret for this purpose.
    pub fn verify(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        let (payload, tag) = token.split_once('.')?;
        let (payload, tag) = (BASE64.decode(payload).ok()?, BASE64.decode(tag).ok()?);
        self.mac(purpose, &payload).verify_slice(&tag).ok()?;
        Some(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_purpose_and_server_only() {
        let seal = Seal::new([7; 32]);
        let token = seal.sign("cursor:people", b"payload");
        assert_eq!(seal.verify("cursor:people", &token).as_deref(), Some(&b"payload"[..]));
        assert_eq!(seal.verify("cursor:chats", &token), None);
        assert_eq!(Seal::new([8; 32]).verify("cursor:people", &token), None);
        for bad in ["", ".", "a.b", &token[1..], &format!("{token}A")] {
            assert_eq!(seal.verify("cursor:people", bad), None, "{bad:?}");
        }
    }
}
