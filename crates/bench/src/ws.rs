//! As much of RFC 6455 as a load generator needs.

use std::ops::Range;

use anyhow::{Result, bail};

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// One whole frame at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    pub opcode: u8,
    pub payload: Range<usize>,
}

/// The frame a buffer begins with; `None` while it is not all there.
pub fn parse(buffer: &[u8]) -> Result<Option<Frame>> {
    let [first, second, ..] = *buffer else { return Ok(None) };
    if first & 0xf0 != 0x80 || second & 0x80 != 0 {
        bail!("the server sent a fragmented, extended or masked frame ({first:#04x} {second:#04x})");
    }
    let Some((start, length)) = length(buffer, second) else { return Ok(None) };
    let payload = start..start + length;
    Ok((buffer.len() >= payload.end).then_some(Frame { opcode: first & 0x0f, payload }))
}

/// Where the payload starts and how long it is.
fn length(buffer: &[u8], second: u8) -> Option<(usize, usize)> {
    let wide = |bytes: &[u8]| bytes.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    match second {
        126 => buffer.get(2..4).map(|bytes| (4, wide(bytes))),
        127 => buffer.get(2..10).map(|bytes| (10, wide(bytes))),
        short => Some((2, usize::from(short))),
    }
}

/// A frame as clients send it.
pub fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = header(opcode, payload.len(), 0x80);
    frame.extend(KEY);
    frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// A frame as servers send it.
pub fn plain(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), 0);
    frame.extend(payload);
    frame
}

fn header(opcode: u8, length: usize, mask: u8) -> Vec<u8> {
    let mut header = vec![0x80 | opcode];
    match length {
        0..126 => header.push(mask | length as u8),
        126..=0xffff => {
            header.push(mask | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(mask | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}

/// The request that turns a connection into a socket.
pub fn upgrade(port: u16) -> Vec<u8> {
    format!(
        "GET /v1/socket HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: petit.v1.json\r\n\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read_back() {
        for length in [0, 1, 125, 126, 204, 65_535, 65_536, 100_000] {
            let frame = plain(TEXT, &vec![b'x'; length]);
            let parsed = parse(&frame).expect("well formed").expect("whole");
            assert_eq!(
                (parsed.opcode, parsed.payload.len(), parsed.payload.end),
                (TEXT, length, frame.len())
            );
        }
    }

    #[test]
    fn a_frame_that_is_not_all_there_waits_for_more() {
        let frame = plain(TEXT, &[b'x'; 300]);
        for cut in 0..frame.len() {
            assert_eq!(parse(&frame[..cut]).expect("well formed so far"), None, "{cut} bytes");
        }
    }

    #[test]
    fn what_servers_must_not_send_is_refused() {
        assert!(parse(&masked(TEXT, b"hi")).is_err(), "masked");
        assert!(parse(&[0x01, 0x00]).is_err(), "fragment");
        assert!(parse(&[0xc1, 0x00]).is_err(), "extension bit");
    }

    #[test]
    fn masking_hides_and_unmasking_shows_the_payload() {
        let frame = masked(PING, b"hello");
        let (key, hidden) = (&frame[2..6], &frame[6..]);
        let shown: Vec<u8> = hidden.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        assert_eq!((frame[0], frame[1], shown.as_slice()), (0x80 | PING, 0x85, b"hello".as_slice()));
        assert_ne!(hidden, b"hello");
    }
}
