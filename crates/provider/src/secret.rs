//! Small things that must not be guessed, and how they are compared.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use petit_app::ports::Random;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of a secret: what is remembered instead of it.
pub(crate) type Hash = [u8; 32];

pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// 256 fresh bits as text that fits into an address.
pub(crate) fn fresh(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// `base64url(sha256(text))`: a PKCE challenge of its verifier (RFC 7636 §4.2).
pub(crate) fn digest_text(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash(text))
}

/// Whether two secrets are the same, in a time that does not depend on where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    hash(a).ct_eq(&hash(b)).into()
}
