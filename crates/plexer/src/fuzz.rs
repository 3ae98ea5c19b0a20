//! What the fuzz target and its short twin in the tests call.

use crate::{
    frames,
    websocket::{Decoder, Incoming, Refusal},
};

/// Reads bytes as a client's half of a socket: first whole, then in pieces whose sizes the bytes
/// themselves decide. Both ways must say the same, nothing may be held at rest, nothing may panic.
pub fn client_bytes(bytes: &[u8]) {
    let whole = read(std::iter::once(bytes));
    let pieces = read(bytes.chunk_by(|a, b| a & 3 != b & 3));
    let bytewise = read(bytes.chunks(1));
    assert_eq!(whole, pieces, "the sizes of the pieces must not matter");
    assert_eq!(whole, bytewise, "the sizes of the pieces must not matter");
    for message in whole.0 {
        if let Incoming::Text(text) = message {
            let _ = frames::decode(&text);
        }
    }
}

/// Reads text as a client's frame.
pub fn client_text(text: &str) {
    let _ = frames::decode(text);
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Incoming>, Result<(), Refusal>) {
    let (mut decoder, mut messages) = (Decoder::default(), Vec::new());
    for piece in pieces {
        if let Err(refusal) = decoder.feed(piece, &mut messages) {
            return (messages, Err(refusal));
        }
    }
    (messages, Ok(()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A masked frame that may or may not be what the protocol allows.
    fn frame() -> impl Strategy<Value = Vec<u8>> {
        let first = prop_oneof![Just(0x81), Just(0x01), Just(0x80), Just(0x89), Just(0x88), any::<u8>()];
        (first, prop::collection::vec(any::<u8>(), 0..200), any::<[u8; 4]>()).prop_map(
            |(first, payload, mask)| {
                let length = payload.len();
                let header = if length < 126 {
                    vec![first, 0x80 | length as u8]
                } else {
                    vec![first, 0xfe, 0, length as u8]
                };
                let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
                header.into_iter().chain(mask).chain(masked).collect()
            },
        )
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_the_same_in_any_pieces(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            client_bytes(&bytes);
        }

        #[test]
        fn any_frames_are_read_the_same_in_any_pieces(frames in prop::collection::vec(frame(), 0..8)) {
            client_bytes(&frames.concat());
        }

        #[test]
        fn any_text_is_a_frame_or_a_refusal(
            kind in "identify|resume|ping|request|focus|ack|typing|activity|watch|\\PC*",
            rest in "\\PC*",
        ) {
            client_text(&rest);
            client_text(&format!(r#"{{"type":"{kind}",{rest}}}"#));
        }
    }
}
