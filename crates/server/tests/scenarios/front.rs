//! What lies between browsers and the server: proxies that write the host as they like, and bodies nobody wants.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use super::{
    place, program,
    support::{Server, ports::free},
};

const PUBLIC: &str = "http://10.0.0.1:8443";

/// A server that says another address than the one at which it listens.
fn behind_a_proxy(data: &Path) -> Server {
    let address = free();
    let listen = address.to_string();
    let mut server = Server::start(&program(), data, &["--listen", &listen, "--public-url", PUBLIC]);
    server.address = address;
    server
}

/// Sends bytes and reads until the server has said everything, or nothing for a while.
fn answer(address: SocketAddr, parts: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    for part in parts {
        stream.write_all(part).expect("the server reads on");
    }
    let (mut heard, mut piece) = (Vec::new(), [0; 4096]);
    while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).expect("an answer and no reset") {
            0 => break,
            length => heard.extend_from_slice(&piece[..length]),
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

fn handshake(address: SocketAddr, host: &str, origin: &str) -> String {
    let asked = format!(
        "GET /v1/socket HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    answer(address, &[asked.as_bytes()])
}

#[test]
fn at_the_public_address_sockets_open_whatever_a_proxy_makes_of_the_host() {
    let (_place, data) = place();
    let server = behind_a_proxy(&data);
    for host in ["10.0.0.1:8443", "10.0.0.1", "chat.example.org", "127.0.0.1:8420", "PETIT"] {
        let said = handshake(server.address, host, PUBLIC);
        assert!(said.starts_with("HTTP/1.1 101"), "{host}: {said}");
    }
    for origin in [
        "http://evil.example",
        "http://10.0.0.1:8443.evil.example",
        "http://10.0.0.1",
        "https://10.0.0.1:8443",
        "null",
    ] {
        let said = handshake(server.address, "petit", origin);
        assert!(said.starts_with("HTTP/1.1 403"), "{origin}: {said}");
    }
}

#[test]
fn who_sends_too_much_hears_why() {
    let (_place, data) = place();
    let server = behind_a_proxy(&data);
    let token = server.person("alice");
    let piece = vec![b'x'; 1 << 20];
    for length in ["content-length: 8388608", "transfer-encoding: chunked"] {
        let head = format!(
            "POST /v1/chats HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
        );
        let is_chunked = length.starts_with("transfer");
        let chunk = if is_chunked { [b"100000\r\n", &piece[..], b"\r\n"].concat() } else { piece.clone() };
        let mut parts = vec![head.as_bytes()];
        parts.extend(std::iter::repeat_n(chunk.as_slice(), 8));
        if is_chunked {
            parts.push(b"0\r\n\r\n");
        }
        let said = answer(server.address, &parts);
        assert!(said.starts_with("HTTP/1.1 413"), "{length}: {said}");
    }
    server.api(&token).get("/v1/me").expect("others are served meanwhile").expect(200);
}
