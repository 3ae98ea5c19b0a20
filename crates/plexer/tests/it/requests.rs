use std::collections::BTreeMap;

use petit_domain::Event;
use petit_protocol::ServerFrame;
use serde_json::json;

use crate::support::{Client, Server};

#[tokio::test]
async fn requests_are_answered_as_over_http() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    let (status, me) = client.request(1, "GET", "/v1/me", None).await;
    assert_eq!((status, me["username"].as_str()), (200, Some("alice")));
    let group = json!({ "kind": "group", "name": "Crew", "members": [] });
    let (status, chat) = client.request(2, "POST", "/v1/chats", Some(group)).await;
    assert_eq!(status, 201);
    let path = format!("/v1/chats/{}/messages", chat["id"].as_str().expect("an id"));
    let message = json!({ "text": "é \"quoted\" \u{1f600}", "client_id": "c-1" });
    let (status, sent) = client.request(3, "POST", &path, Some(message.clone())).await;
    assert_eq!((status, &sent["text"]), (201, &message["text"]));
    let (status, problem) = client.request(4, "GET", "/v1/chats/none", None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    let (status, _) = client.request(5, "POST", &path, Some(json!({ "text": 7 }))).await;
    assert_eq!(status, 422);
    let (status, presence) =
        client.request(6, "GET", &format!("/v1/presence?users={}", alice.user), None).await;
    assert_eq!((status, &presence["items"][0]["presence"]), (200, &json!("online")));
}

#[tokio::test]
async fn a_sender_hears_their_own_message_as_an_event() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let chat = server.group(&[&alice]).await;
    let mut client = Client::of(&server, &alice).await;
    let path = format!("/v1/chats/{chat}/messages");
    let body = json!({ "text": "mine", "client_id": "c-1" });
    client.say(json!({ "type": "request", "id": 1, "method": "POST", "path": path, "body": body })).await;
    let (mut heard, mut answered) = (false, false);
    while !(heard && answered) {
        match client.frame().await {
            ServerFrame::Event { event: Event::MessageCreated { message, .. } } => {
                heard = message.client_id.as_str() == "c-1";
            }
            ServerFrame::Response { status, .. } => answered = status == 201,
            _ => {}
        }
    }
}

#[tokio::test]
async fn only_the_idempotency_key_passes_of_the_headers() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let mut client = Client::of(&server, &alice).await;
    let headers =
        BTreeMap::from([("idempotency-key", "k1"), ("authorization", "Bearer pc_x"), ("cookie", "a=b")]);
    let mut ids = Vec::new();
    for id in 0..2 {
        let body = json!({ "kind": "group", "name": "Once", "members": [bob.user] });
        client
            .say(json!({ "type": "request", "id": id, "method": "POST", "path": "/v1/chats", "headers": headers, "body": body }))
            .await;
        let chat = loop {
            if let ServerFrame::Response { body, .. } = client.frame().await {
                break serde_json::from_str::<serde_json::Value>(body.expect("a chat").get()).expect("JSON");
            }
        };
        ids.push(chat["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn at_most_32_requests_may_be_open_and_their_places_come_back() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    // In one write, so that the server reads them before any is through.
    let frames: Vec<u8> = (0..200)
        .flat_map(|id| {
            let json =
                json!({ "type": "request", "id": id, "method": "GET", "path": "/v1/chats" }).to_string();
            let length = u8::try_from(json.len()).expect("short");
            [vec![0x81, 0x80 | length, 0, 0, 0, 0], json.into_bytes()].concat()
        })
        .collect();
    client.write_raw(&frames).await;
    let (mut answered, mut refused) = (0, 0);
    while answered + refused < 200 {
        match client.frame().await {
            ServerFrame::Response { status: 200, .. } => answered += 1,
            ServerFrame::Error { code, id: Some(_), .. } => {
                assert_eq!(code, "rate_limited");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(answered >= 32, "{answered} answered, {refused} refused");
    assert!(refused > 0, "{answered} answered, {refused} refused");
    assert_eq!(client.request(500, "GET", "/v1/me", None).await.0, 200);
}
