use petit_domain::Event;

use crate::support::{Client, Server, eventually};

#[tokio::test]
async fn a_removed_member_stops_receiving_events() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut alices = Client::of(&server, &alice).await;
    let mut bobs = Client::of(&server, &bob).await;
    server.remove(&alice, chat, &bob).await;
    server.send(&alice, chat, "secret").await;
    alices
        .events_until(|e| matches!(e, Event::MessageCreated { message, .. } if message.text == "secret"))
        .await;
    server.app.settle().await;
    let events = bobs.events_so_far().await;
    let told: Vec<_> = events.iter().filter(|e| matches!(e, Event::MemberRemoved { .. })).collect();
    assert_eq!(told.len(), 1, "told once: {events:?}");
    let json = serde_json::to_string(&events).expect("JSON");
    assert!(!json.contains("secret"), "{json}");
}

#[tokio::test]
async fn somebody_who_is_added_hears_the_chat_from_then_on() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice]).await;
    let mut bobs = Client::of(&server, &bob).await;
    server.add(&alice, chat, &bob).await;
    server.send(&alice, chat, "welcome").await;
    let events = bobs
        .events_until(|e| matches!(e, Event::MessageCreated { message, .. } if message.text == "welcome"))
        .await;
    assert!(matches!(&events[0], Event::ChatAdded { chat: added, .. } if *added == chat), "{events:?}");
}

#[tokio::test]
async fn a_new_chat_is_heard_without_a_gap_whoever_writes_at_once() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let mut bobs = Client::of(&server, &bob).await;
    for round in 0..20 {
        let chat = server.group(&[&alice, &bob]).await;
        let sent = server.send(&alice, chat, &format!("round {round}")).await;
        let events = bobs
            .events_until(|e| matches!(e, Event::MessageCreated { message, .. } if message.id == sent.id))
            .await;
        assert!(events.iter().any(|e| matches!(e, Event::ChatAdded { chat: added, .. } if *added == chat)));
    }
}

#[tokio::test]
async fn being_removed_and_added_again_is_heard() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut bobs = Client::of(&server, &bob).await;
    for round in 0..5 {
        server.remove(&alice, chat, &bob).await;
        server.send(&alice, chat, "between us").await;
        server.add(&alice, chat, &bob).await;
        let text = format!("back {round}");
        server.send(&alice, chat, &text).await;
        let events = bobs
            .events_until(|e| matches!(e, Event::MessageCreated { message, .. } if message.text == text))
            .await;
        let removed =
            events.iter().position(|e| matches!(e, Event::MemberRemoved { user, .. } if *user == bob.user));
        let added = events.iter().position(|e| matches!(e, Event::ChatAdded { .. }));
        assert!(removed < added && removed.is_some(), "{events:?}");
    }
}

#[tokio::test]
async fn watching_ends_with_the_last_shared_chat() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut bobs = Client::of(&server, &bob).await;
    bobs.say(serde_json::json!({ "type": "watch", "users": [alice.user] })).await;
    assert!(matches!(bobs.event().await, Event::PresenceChanged { .. }));
    server.remove(&alice, chat, &bob).await;
    bobs.events_until(|e| matches!(e, Event::MemberRemoved { .. })).await;
    eventually("bob sees nobody", || {
        let server = &server;
        let bob = &bob;
        async move {
            let mut client = Client::of(server, bob).await;
            let path = format!("/v1/presence?users={}", bob.user);
            client.request(1, "GET", &path, None).await.0 == 200
        }
    })
    .await;
    let _alices = Client::of(&server, &alice).await;
    assert!(bobs.events_so_far().await.is_empty());
}
