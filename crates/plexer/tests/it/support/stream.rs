use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::{Member, Server};

/// A client of the event stream.
pub struct EventSource {
    reader: BufReader<TcpStream>,
    pub head: String,
    buffer: String,
    pub last_id: Option<String>,
}

impl EventSource {
    /// Asks for a stream with these headers, whatever the answer is.
    pub async fn ask(server: &Server, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", server.address);
        stream.write_all(request.as_bytes()).await.expect("the socket takes it");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let count = timeout(Duration::from_secs(20), reader.read_line(&mut head)).await.expect("in time");
            assert!(count.expect("readable") > 0, "the answer ended in its head: {head}");
        }
        Self { reader, head, buffer: String::new(), last_id: None }
    }

    /// A stream of this person, past its greeting.
    pub async fn of(server: &Server, member: &Member, last_id: Option<&str>) -> Self {
        let bearer = format!("Bearer {}", member.token);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(last_id.map(|id| ("Last-Event-ID", id)));
        let mut stream = Self::ask(server, "/v1/events", &headers).await;
        assert_eq!(stream.status(), 200, "{}", stream.head);
        let greeting = stream.block().await.expect("a greeting");
        assert!(greeting.contains("retry: ") && greeting.contains(": connected"), "{greeting}");
        stream
    }

    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// The data of the next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let block = self.block().await?;
            let line = |name| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            self.last_id = line("id: ").or(self.last_id.take());
            if let Some(data) = line("data: ") {
                return Some(serde_json::from_str(&data).expect("JSON"));
            }
        }
    }

    /// What stands before the next empty line.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            let chunk = timeout(Duration::from_secs(20), self.chunk()).await.expect("something in time")?;
            self.buffer.push_str(&chunk);
        }
    }

    async fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        self.reader.read_line(&mut size).await.ok().filter(|count| *count > 0)?;
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk's size");
        let mut bytes = vec![0; size + 2];
        self.reader.read_exact(&mut bytes).await.ok()?;
        bytes.truncate(size);
        (size > 0).then(|| String::from_utf8(bytes).expect("UTF-8"))
    }
}
