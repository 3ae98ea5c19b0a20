use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use rustix::process::Signal;

use super::{place, serve};
use crate::support::{Server, wait::eventually};

const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn a_server_that_is_asked_to_end_sends_streams_away_and_leaves_in_good_order() {
    let (_place, data) = place();
    let server = serve(&data);
    let token = server.person("alice");
    let mut stream = open_stream(&server, &token);
    assert_eq!(server.stop().code(), Some(0));
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the stream ends, and is not cut");
    assert!(!data.join("control.sock").exists());
    assert!(!data.join("petit.db-wal").exists(), "the store was closed and not left to be recovered");
}

#[test]
fn a_request_that_is_under_way_is_answered_and_readiness_ends_first() {
    let (_place, data) = place();
    let server = serve(&data);
    let token = server.person("alice");
    let body = r#"{"kind":"group","name":"Late"}"#;
    let mut under_way = TcpStream::connect(server.address).expect("connected");
    let head = format!(
        "POST /v1/chats HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    under_way.write_all(head.as_bytes()).expect("sent");
    let mut kept = server.api(&token);
    kept.get("/readyz").expect("answered").expect(200);
    server.signal(Signal::TERM);
    // A connection that was open before the end began still hears that it has begun, or is closed.
    eventually("readiness ends", PATIENCE, || {
        kept.get("/readyz").map_or(true, |answer| answer.status == 503)
    });
    under_way.write_all(body.as_bytes()).expect("sent");
    let mut first = String::new();
    BufReader::new(under_way).read_line(&mut first).expect("answered");
    assert!(first.contains("201"), "{first:?}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn asked_twice_it_ends_at_once() {
    let (_place, data) = place();
    let server = serve(&data);
    let mut unfinished = TcpStream::connect(server.address).expect("connected");
    unfinished.write_all(b"POST /v1/chats HTTP/1.1\r\nhost: petit\r\n").expect("sent");
    let mut kept = server.api("");
    kept.get("/readyz").expect("answered").expect(200);
    server.signal(Signal::INT);
    eventually("the end begins", PATIENCE, || {
        kept.get("/readyz").map_or(true, |answer| answer.status == 503)
    });
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(130));
}

/// An event stream that is registered.
fn open_stream(server: &Server, token: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(server.address).expect("connected");
    let request = format!("GET /v1/events HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains(": connected") {
        line.clear();
        assert!(stream.read_line(&mut line).expect("readable") > 0, "the stream ended");
    }
    stream
}
