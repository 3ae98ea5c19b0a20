use petit_protocol::ServerFrame;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Server};

/// Sends what a client must not send and answers the close code.
async fn code_for(server: &Server, bytes: &[u8]) -> u16 {
    let mut client = Client::connect(server).await;
    client.write_raw(bytes).await;
    client.close_code().await
}

#[tokio::test]
async fn what_is_not_a_frame_closes_its_own_connection_and_no_other() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut listener = Client::of(&server, &bob).await;
    let cases: [(&str, &[u8], u16); 7] = [
        ("unmasked", &[0x81, 2, b'{', b'}'], 4001),
        ("reserved bit", &[0xc1, 0x80, 0, 0, 0, 0], 4001),
        ("binary", &[0x82, 0x80, 0, 0, 0, 0], 4001),
        ("continuation of nothing", &[0x80, 0x80, 0, 0, 0, 0], 4001),
        ("not JSON", &[0x81, 0x81, 0, 0, 0, 0, b'{'], 4001),
        ("not UTF-8", &[0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
        ("larger than 64 KiB", &[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], 4002),
    ];
    for (what, bytes, code) in cases {
        assert_eq!(code_for(&server, bytes).await, code, "{what}");
    }
    server.send(&alice, chat, "still here").await;
    let event = listener.event().await;
    assert!(serde_json::to_string(&event).expect("JSON").contains("still here"));
}

#[tokio::test]
async fn a_frame_of_a_wrong_shape_is_told_and_the_connection_stays() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    let ids = |count: usize| vec!["01890000-0000-7000-8000-000000000000"; count];
    let chats = |count: usize| -> serde_json::Map<String, serde_json::Value> {
        (0..count).map(|n| (format!("01890000-0000-7000-8000-{n:012}"), json!({ "delivered": 1 }))).collect()
    };
    for (frame, expected) in [
        (json!({ "type": "dance" }), "invalid_body"),
        (json!({ "type": "ping", "received": "many" }), "invalid_body"),
        (json!([]), "invalid_body"),
        (json!({ "type": "focus", "chats": ["x"] }), "invalid_body"),
        (json!({ "type": "focus", "chats": ids(17) }), "invalid_parameter"),
        (json!({ "type": "watch", "users": ids(201) }), "invalid_parameter"),
        (json!({ "type": "ack", "chats": { "x": {} } }), "invalid_body"),
        (json!({ "type": "ack", "chats": { ids(1)[0]: { "seen": "all" } } }), "invalid_body"),
        (json!({ "type": "ack", "chats": chats(65) }), "invalid_parameter"),
        (json!({ "type": "typing", "chat": ids(1)[0] }), "not_found"),
        (json!({ "type": "request", "id": 1, "method": "GET", "path": "/healthz" }), "not_found"),
        (json!({ "type": "request", "id": 1, "method": "GET", "path": "/v1/events" }), "not_found"),
        (json!({ "type": "request", "id": 1, "method": "BREW", "path": "/v1/me" }), "method_not_allowed"),
    ] {
        client.say(frame.clone()).await;
        match client.frame().await {
            ServerFrame::Error { code, .. } => assert_eq!(code, expected, "{frame}"),
            other => panic!("{frame}: {other:?}"),
        }
    }
    assert!(client.frames_so_far().await.is_empty());
}

#[tokio::test]
async fn too_many_cursors_are_refused_and_the_ticket_is_not_spent() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let ticket = server.ticket(&alice);
    let mut client = Client::connect(&server).await;
    let cursors: serde_json::Map<_, _> = (0..65)
        .map(|n| (format!("01890000-0000-7000-8000-0000000000{n:02x}"), json!({ "seq": 0, "cseq": 0 })))
        .collect();
    client.say(json!({ "type": "identify", "ticket": ticket, "cursors": cursors })).await;
    assert!(matches!(client.frame().await, ServerFrame::Error { code, .. } if code == "invalid_parameter"));
    client.identify(&ticket, &Default::default()).await;
}

#[tokio::test]
async fn a_message_cut_into_many_pieces_is_read() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    let text = br#"{"type":"identify","ticket":"x"}"#;
    let mut bytes = Vec::new();
    for (place, byte) in text.iter().enumerate() {
        let first = if place == 0 {
            0x01
        } else if place + 1 == text.len() {
            0x80
        } else {
            0x00
        };
        bytes.extend([first, 0x81, 0, 0, 0, 0, *byte]);
    }
    client.write_raw(&bytes).await;
    assert_eq!(client.close_code().await, 4004, "it was understood: the ticket is what is wrong");
}

/// The status line of a plain request to the socket's address.
async fn handshake(server: &Server, headers: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let request = format!("GET /v1/socket HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", server.address);
    stream.write_all(request.as_bytes()).await.expect("the socket takes it");
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[9..12]).into_owned()
}

#[tokio::test]
async fn only_handshakes_of_our_own_pages_are_taken() {
    let server = Server::start().await;
    let good = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assert_eq!(handshake(&server, good).await, "101");
    assert_eq!(handshake(&server, &format!("{good}Origin: http://{}\r\n", server.address)).await, "101");
    assert_eq!(handshake(&server, &format!("{good}Origin: http://evil.example\r\n")).await, "403");
    assert_eq!(handshake(&server, "").await, "426");
    assert_eq!(handshake(&server, &good.replace("13", "8")).await, "426");
    assert_eq!(handshake(&server, &good.replace("dGhl", "")).await, "426");
}

#[tokio::test]
async fn bytes_sent_with_the_handshake_are_not_lost() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let request = format!(
        "GET /v1/socket HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    let early = [0x89, 0x82, 0, 0, 0, 0, b'h', b'i'];
    stream.write_all(&[request.as_bytes(), &early].concat()).await.expect("the socket takes it");
    let mut answer = Vec::new();
    while !answer.ends_with(&[0x8a, 2, b'h', b'i']) {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.expect("an answer");
        answer.push(byte[0]);
    }
}

#[tokio::test]
async fn a_flood_of_garbage_leaves_others_unhurt() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut listener = Client::of(&server, &bob).await;
    let mut flooders = Vec::new();
    for seed in 0..50u8 {
        let mut client = Client::of(&server, &alice).await;
        client.send(Message::text("{".repeat(seed as usize + 1))).await;
        flooders.push(client);
    }
    for (number, flooder) in flooders.iter_mut().enumerate() {
        assert_eq!(flooder.close_code().await, 4001);
        server.send(&alice, chat, &format!("message {number}")).await;
    }
    let events = listener
        .events_until(|event| serde_json::to_string(event).is_ok_and(|json| json.contains("message 49")))
        .await;
    let written = events.iter().filter(|event| matches!(event, petit_domain::Event::MessageCreated { .. }));
    assert_eq!(written.count(), 50);
}
