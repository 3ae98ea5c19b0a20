use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

/// The answer to a client's `Sec-WebSocket-Key` (RFC 6455 §4.2.2); `None` if the key is not 16 bytes in base64.
pub(crate) fn accept_key(key: &[u8]) -> Option<String> {
    const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    let nonce = STANDARD.decode(key).ok()?;
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    (nonce.len() == 16).then(|| STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_key_is_the_one_of_the_standard() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ==").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert_eq!(accept_key(b"c2hvcnQ="), None);
        assert_eq!(accept_key(b"not base64"), None);
    }
}
