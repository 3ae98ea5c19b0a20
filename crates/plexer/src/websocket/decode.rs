use super::MESSAGE_LIMIT;

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    /// The code it gave, if any. Nothing comes after it.
    Close(Option<u16>),
}

/// Why a connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed(&'static str),
    TooBig,
    NotUtf8,
}

/// Turns the bytes of a client into messages. Holds memory only in the middle of a frame or message.
#[derive(Default)]
pub(crate) struct Decoder {
    /// The beginning of a frame whose end has not come.
    pending: Vec<u8>,
    /// The beginning of a message whose last fragment has not come.
    message: Option<Vec<u8>>,
    closed: bool,
}

impl Decoder {
    /// Takes whatever arrived and appends the messages that are now complete. After a refusal the
    /// decoder is of no use any more.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Incoming>) -> Result<(), Refusal> {
        if self.pending.is_empty() {
            let used = self.consume(bytes, out)?;
            self.pending.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        let used = self.consume(&all, out)?;
        if used < all.len() {
            all.drain(..used);
            self.pending = all;
        }
        Ok(())
    }

    fn consume(&mut self, bytes: &[u8], out: &mut Vec<Incoming>) -> Result<usize, Refusal> {
        let mut used = 0;
        while !self.closed {
            let rest = &bytes[used..];
            let Some(header) = Header::read(rest)? else { return Ok(used) };
            let so_far = self.message.as_ref().map_or(0, Vec::len);
            if !header.is_control() && so_far + header.length > MESSAGE_LIMIT {
                return Err(Refusal::TooBig);
            }
            let Some(payload) = rest.get(header.size..header.size + header.length) else { return Ok(used) };
            used += header.size + header.length;
            out.extend(self.frame(&header, payload)?);
        }
        Ok(bytes.len())
    }

    fn frame(&mut self, header: &Header, payload: &[u8]) -> Result<Option<Incoming>, Refusal> {
        let payload = payload.iter().zip(header.mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        match (header.opcode, &mut self.message) {
            (CONTINUATION, None) => Err(Refusal::Malformed("a continuation of nothing")),
            (TEXT, Some(_)) => Err(Refusal::Malformed("a message inside a message")),
            (CONTINUATION, Some(message)) => {
                message.extend(payload);
                self.finish(header.last)
            }
            (TEXT, None) => {
                self.message = Some(payload.collect());
                self.finish(header.last)
            }
            (CLOSE, _) => {
                self.closed = true;
                closing(&payload.collect::<Vec<_>>()).map(Some)
            }
            (PING, _) => Ok(Some(Incoming::Ping(payload.collect()))),
            _ => Ok(Some(Incoming::Pong)),
        }
    }

    fn finish(&mut self, last: bool) -> Result<Option<Incoming>, Refusal> {
        match self.message.take() {
            Some(message) if last => String::from_utf8(message)
                .map(|text| Some(Incoming::Text(text)))
                .map_err(|_| Refusal::NotUtf8),
            unfinished => {
                self.message = unfinished;
                Ok(None)
            }
        }
    }
}

fn closing(payload: &[u8]) -> Result<Incoming, Refusal> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(Incoming::Close(None))
        } else {
            Err(Refusal::Malformed("half a close code"))
        };
    };
    let code = u16::from_be_bytes(*code);
    if std::str::from_utf8(reason).is_err() {
        return Err(Refusal::NotUtf8);
    }
    match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => Ok(Incoming::Close(Some(code))),
        _ => Err(Refusal::Malformed("a close code that may not be sent")),
    }
}

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

struct Header {
    last: bool,
    opcode: u8,
    length: usize,
    mask: [u8; 4],
    size: usize,
}

impl Header {
    /// `None` means that its end has not come yet. Everything that can be refused early is.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        check_first(*first)?;
        if second & 0x80 == 0 {
            return Err(Refusal::Malformed("a frame that is not masked"));
        }
        let opcode = first & 0x0f;
        let last = first & 0x80 != 0;
        if opcode >= CLOSE && (!last || second & 0x7f > 125) {
            return Err(Refusal::Malformed("a long or fragmented control frame"));
        }
        let Some((length, rest)) = read_length(second & 0x7f, rest)? else { return Ok(None) };
        if length > MESSAGE_LIMIT as u64 {
            return Err(Refusal::TooBig);
        }
        let Some((mask, after)) = rest.split_first_chunk() else { return Ok(None) };
        let size = bytes.len() - after.len();
        Ok(Some(Self { last, opcode, length: length as usize, mask: *mask, size }))
    }

    fn is_control(&self) -> bool {
        self.opcode >= CLOSE
    }
}

fn check_first(first: u8) -> Result<(), Refusal> {
    if first & 0x70 != 0 {
        return Err(Refusal::Malformed("a reserved bit"));
    }
    match first & 0x0f {
        CONTINUATION | TEXT | CLOSE | PING | PONG => Ok(()),
        2 => Err(Refusal::Malformed("a binary message")),
        _ => Err(Refusal::Malformed("an unknown opcode")),
    }
}

fn read_length(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, Refusal> {
    let (length, rest, least) = match short {
        126 => match rest.split_first_chunk() {
            Some((bytes, rest)) => (u64::from(u16::from_be_bytes(*bytes)), rest, 126),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((bytes, rest)) => (u64::from_be_bytes(*bytes), rest, 0x1_0000),
            None => return Ok(None),
        },
        _ => (u64::from(short), rest, 0),
    };
    if length < least {
        Err(Refusal::Malformed("a length in a longer form"))
    } else {
        Ok(Some((length, rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [7, 1, 200, 9];
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            middle @ 126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Incoming>, Refusal> {
        let mut out = Vec::new();
        Decoder::default().feed(bytes, &mut out).map(|()| out)
    }

    #[test]
    fn a_message_arrives_whole_however_it_is_cut() {
        let text = "é".repeat(300);
        let bytes = [masked(0x81, text.as_bytes()), masked(0x89, b"alive?"), masked(0x81, b"{}")].concat();
        for step in [1, 2, 3, 7, 100, 10_000] {
            let (mut decoder, mut out) = (Decoder::default(), Vec::new());
            for piece in bytes.chunks(step) {
                decoder.feed(piece, &mut out).expect("well-formed");
            }
            let expected = [
                Incoming::Text(text.clone()),
                Incoming::Ping(b"alive?".to_vec()),
                Incoming::Text("{}".into()),
            ];
            assert_eq!(out, expected, "in pieces of {step}");
            assert_eq!(decoder.pending.capacity(), 0, "an idle decoder holds nothing");
        }
    }

    #[test]
    fn fragments_become_one_message_with_control_frames_between_them() {
        let bytes =
            [masked(0x01, "é".as_bytes().split_at(1).0), masked(0x89, b""), masked(0x80, &[0xa9])].concat();
        assert_eq!(decode(&bytes), Ok(vec![Incoming::Ping(vec![]), Incoming::Text("é".into())]));
    }

    #[test]
    fn what_the_standard_forbids_is_refused() {
        let unmasked = [0x81, 0];
        let overlong = [0x81, 0x80 | 126, 0, 5, 0, 0, 0, 0];
        for bad in [
            masked(0xc1, b"reserved"),
            masked(0x82, b"binary"),
            masked(0x83, b"opcode"),
            masked(0x80, b"nothing before"),
            [masked(0x01, b"a"), masked(0x81, b"b")].concat(),
            masked(0x09, b"fragmented ping"),
            masked(0x89, &[0; 126]),
            masked(0x88, &[3]),
            masked(0x88, &1005u16.to_be_bytes()),
            unmasked.to_vec(),
            overlong.to_vec(),
        ] {
            assert!(matches!(decode(&bad), Err(Refusal::Malformed(_))), "{bad:?}");
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        assert_eq!(decode(&masked(0x81, &[0xff])), Err(Refusal::NotUtf8));
    }

    #[test]
    fn the_limit_counts_whole_messages_and_is_seen_in_the_header() {
        assert!(decode(&masked(0x81, &[b'x'; MESSAGE_LIMIT])).is_ok());
        assert_eq!(decode(&masked(0x81, &[b'x'; MESSAGE_LIMIT + 1])[..14]), Err(Refusal::TooBig));
        let half = masked(0x01, &[b'x'; MESSAGE_LIMIT / 2]);
        let rest = masked(0x80, &[b'x'; MESSAGE_LIMIT / 2 + 1]);
        assert_eq!(decode(&[half, rest].concat()), Err(Refusal::TooBig));
    }

    #[test]
    fn nothing_counts_after_a_close() {
        let bytes = [masked(0x88, &1000u16.to_be_bytes()), b"garbage".to_vec()].concat();
        assert_eq!(decode(&bytes), Ok(vec![Incoming::Close(Some(1000))]));
    }
}
