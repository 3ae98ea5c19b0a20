use std::{
    io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Mutex,
};

use super::{Known, lock, reconcile, repair};
use crate::support::Api;

/// Connects and takes what comes, until the connection breaks.
pub fn follow(address: SocketAddr, token: &str, known: &Mutex<Known>) -> io::Result<()> {
    let mut api = Api::connect(address, token)?;
    let last = lock(known).place.clone();
    let mut lines = BufReader::new(open(address, token, last.as_deref())?);
    let (mut id, mut data) = (None, None);
    loop {
        let line = line(&mut lines)?;
        if line == ": connected" {
            lock(known).connected();
            reconcile(known, &mut api)?;
        } else if let Some(value) = line.strip_prefix("id: ") {
            id = Some(value.to_owned());
        } else if let Some(value) = line.strip_prefix("data: ") {
            data = Some(serde_json::from_str::<serde_json::Value>(value).expect("events are JSON"));
        } else if line.is_empty() {
            if let Some(event) = data.take() {
                lock(known).take(&event);
                repair(known, &mut api)?;
            }
            // Only now: what the id names has been taken.
            if let Some(id) = id.take() {
                lock(known).place = Some(id);
            }
        }
    }
}

fn open(address: SocketAddr, token: &str, last: Option<&str>) -> io::Result<Chunks> {
    let mut stream = BufReader::new(TcpStream::connect(address)?);
    let last = last.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
    let request =
        format!("GET /v1/events HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\n{last}\r\n");
    stream.get_mut().write_all(request.as_bytes())?;
    assert!(line(&mut stream)?.contains("200"), "the stream is not refused");
    while !line(&mut stream)?.is_empty() {}
    Ok(Chunks { stream, left: 0 })
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

/// A body in chunks (RFC 9112 §7.1).
struct Chunks {
    stream: BufReader<TcpStream>,
    left: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let size = line(&mut self.stream)?;
            if !size.is_empty() {
                self.left = usize::from_str_radix(&size, 16).map_err(Error::other)?;
                if self.left == 0 {
                    return Ok(0);
                }
            }
        }
        let most = buffer.len().min(self.left);
        let read = self.stream.read(&mut buffer[..most])?;
        self.left -= read;
        if read == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
    }
}
