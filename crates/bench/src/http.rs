//! As much of HTTP/1.1 as a load generator needs: ready requests, answers with a `content-length`.

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::Range,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;

/// A whole request, ready to be written.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    if !token.is_empty() {
        text.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// Where the parts of an answer are in the buffer that holds it.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Range<usize>,
}

/// The answer a buffer begins with; `None` while it is not all there.
pub fn parse(buffer: &[u8]) -> Result<Option<Answer>> {
    let Some(head_end) = find(buffer, b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..head_end]).context("an answer's head is not text")?;
    let mut lines = head.split("\r\n");
    let status = status(lines.next().unwrap_or_default())?;
    let length = lines.find_map(content_length).transpose()?;
    let length = match length {
        Some(length) => length,
        None if status == 204 || status < 200 => 0,
        None => bail!("an answer without content-length:\n{head}"),
    };
    let body = head_end + 4..head_end + 4 + length;
    Ok((buffer.len() >= body.end).then_some(Answer { status, body }))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn status(line: &str) -> Result<u16> {
    line.strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .with_context(|| format!("not an HTTP/1.1 status line: {line:?}"))
}

fn content_length(line: &str) -> Option<Result<usize>> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("content-length")
        .then(|| value.trim().parse().with_context(|| format!("content-length {value:?}")))
}

/// One keep-alive connection that waits for each answer. For preparing and looking, not for load.
pub struct Api {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Api {
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("connecting to the server")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Status and body of an answer.
    pub fn call(&mut self, method: &str, path: &str, token: &str, body: &str) -> Result<(u16, Vec<u8>)> {
        self.stream.write_all(&request(method, path, token, body))?;
        self.buffer.clear();
        loop {
            if let Some(answer) = parse(&self.buffer)? {
                return Ok((answer.status, self.buffer[answer.body].to_vec()));
            }
            self.read_more().with_context(|| format!("{method} {path}"))?;
        }
    }

    /// A successful answer's JSON.
    pub fn json<T: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<T> {
        let (status, answer) = self.call(method, path, token, body)?;
        let shown = String::from_utf8_lossy(&answer);
        ensure!((200..300).contains(&status), "{method} {path} answered {status}: {shown}");
        serde_json::from_slice(&answer).with_context(|| format!("{method} {path} answered {shown}"))
    }

    fn read_more(&mut self) -> Result<()> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        ensure!(count > 0, "the server hung up");
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_once_it_is_all_there() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        for cut in 0..text.len() {
            assert_eq!(parse(&text[..cut]).expect("well formed so far"), None, "{cut} bytes");
        }
        let answer = parse(text).expect("well formed").expect("whole");
        assert_eq!((answer.status, &text[answer.body]), (201, b"hello".as_slice()));
    }

    #[test]
    fn no_content_needs_no_length() {
        let answer = parse(b"HTTP/1.1 204 No Content\r\n\r\n").expect("well formed").expect("whole");
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }

    #[test]
    fn answers_that_cannot_be_measured_are_refused() {
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn requests_carry_token_and_body_only_when_there_is_one() {
        let bare = String::from_utf8(request("GET", "/healthz", "", "")).expect("text");
        assert_eq!(bare, "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
        let full = String::from_utf8(request("POST", "/v1/chats", "pc_x", "{}")).expect("text");
        assert!(
            full.contains("authorization: Bearer pc_x\r\n") && full.ends_with("content-length: 2\r\n\r\n{}")
        );
    }
}
