use std::time::Duration;

use petit_plexer::Settings;
use petit_protocol::{Cursors, ServerFrame};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Server, fast};

#[tokio::test]
async fn a_ticket_opens_a_connection_once() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let ticket = server.ticket(&alice);
    let mut first = Client::connect(&server).await;
    first.identify(&ticket, &Cursors::new()).await;
    let mut second = Client::connect(&server).await;
    second.say(json!({ "type": "identify", "ticket": ticket })).await;
    assert_eq!(second.close_code().await, 4004);
    assert!(first.frames_so_far().await.is_empty(), "the first one stays");
}

#[tokio::test]
async fn made_up_tickets_are_refused() {
    let server = Server::start().await;
    for ticket in ["", "x", "a.b", "pc_abc"] {
        let mut client = Client::connect(&server).await;
        client.say(json!({ "type": "identify", "ticket": ticket })).await;
        assert_eq!(client.close_code().await, 4004, "{ticket:?}");
    }
}

#[tokio::test]
async fn anything_before_identify_closes() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    client.say(json!({ "type": "ping", "received": 0 })).await;
    assert_eq!(client.close_code().await, 4003);
}

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let settings = Settings { identify_within: Duration::from_millis(100), ..fast() };
    let server = Server::with(settings).await;
    assert_eq!(Client::connect(&server).await.close_code().await, 4003);
}

#[tokio::test]
async fn who_stops_pinging_is_closed_and_who_pings_is_not() {
    let settings = Settings { ping_interval: Duration::from_millis(400), ..fast() };
    let server = Server::with(settings).await;
    let alice = server.person("alice").await;
    let (mut silent, mut lively) = (Client::of(&server, &alice).await, Client::of(&server, &alice).await);
    let pinging = tokio::spawn(async move {
        for _ in 0..32 {
            lively.frames_so_far().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        lively
    });
    assert_eq!(silent.close_code().await, 4009);
    assert!(pinging.await.expect("still open").frames_so_far().await.is_empty());
}

#[tokio::test]
async fn identifying_twice_closes() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    client.say(json!({ "type": "identify", "ticket": server.ticket(&alice) })).await;
    assert_eq!(client.close_code().await, 4005);
}

#[tokio::test]
async fn a_client_that_says_goodbye_is_answered() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    client.send(Message::Close(None)).await;
    assert_eq!(client.close_code().await, 1000);
}

#[tokio::test]
async fn websocket_pings_are_answered() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    client.send(Message::Ping(b"there?".to_vec().into())).await;
    assert_eq!(client.message().await, Message::Pong(b"there?".to_vec().into()));
}

#[tokio::test]
async fn pong_tells_the_heads_of_chats_in_focus_to_members_only() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice]).await;
    server.send(&alice, chat, "one").await;
    for (member, expected) in [(&alice, server.cursors(&[chat]).await), (&bob, Cursors::new())] {
        let mut client = Client::of(&server, member).await;
        client.say(json!({ "type": "focus", "chats": [chat] })).await;
        client.say(json!({ "type": "ping", "received": 0 })).await;
        match client.frame().await {
            ServerFrame::Pong { heads } => assert_eq!(heads, expected),
            other => panic!("not a pong: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_restart_is_announced_and_closes() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    let plexer = server.plexer.clone();
    let draining = tokio::spawn(async move { plexer.drain(Duration::ZERO).await });
    let goaway = client.frame().await;
    let ServerFrame::Goaway { reason, reconnect_ms } = goaway else { panic!("not a farewell: {goaway:?}") };
    assert_eq!(
        (reason.as_str(), reconnect_ms),
        ("restart", [200, 1_000]),
        "one person need not wait for a crowd"
    );
    assert_eq!(client.close_code().await, 1012);
    drop(client);
    draining.await.expect("it ends");
}
