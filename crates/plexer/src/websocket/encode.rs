const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PONG: u8 = 0x8a;

/// One whole text message. Server frames are not masked, so the bytes fit every connection.
pub(crate) fn text_frame(parts: &[&[u8]]) -> Vec<u8> {
    frame(TEXT, parts)
}

/// Ends the conversation. The reason is cut to what a control frame can hold.
pub(crate) fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), cut(reason, 123).as_bytes()])
}

/// Answers a ping of the WebSocket layer.
pub(crate) fn pong_frame(payload: &[u8]) -> Vec<u8> {
    frame(PONG, &[payload])
}

fn frame(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(length + 10);
    bytes.push(first);
    push_length(&mut bytes, length);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    match length {
        0..=125 => bytes.push(length as u8),
        126..=0xffff => {
            bytes.push(126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_the_shortest_form() {
        assert_eq!(text_frame(&[b"hi", b"!"]), [0x81, 3, b'h', b'i', b'!']);
        assert_eq!(text_frame(&[&[b'x'; 126]])[..4], [0x81, 126, 0, 126]);
        assert_eq!(text_frame(&[&[b'x'; 65_536]])[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let frame = close_frame(4001, &"é".repeat(100));
        assert_eq!(frame[..4], [0x88, 124, 0x0f, 0xa1]);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }
}
