use petit_domain::{Event, Presence};
use serde_json::json;

use crate::support::{Client, EventSource, Server, eventually};

/// The presences a watcher is told, up to the expected one.
async fn told(client: &mut Client, expected: Presence) {
    client
        .events_until(|e| matches!(e, Event::PresenceChanged { presence, .. } if *presence == expected))
        .await;
}

#[tokio::test]
async fn coming_idling_and_going_is_told_to_those_who_watch() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    server.group(&[&alice, &bob]).await;
    let mut watcher = Client::of(&server, &bob).await;
    watcher.say(json!({ "type": "watch", "users": [alice.user] })).await;
    let snapshot = watcher.event().await;
    assert!(matches!(snapshot, Event::PresenceChanged { presence: Presence::Offline, .. }));
    let mut desk = Client::of(&server, &alice).await;
    told(&mut watcher, Presence::Online).await;
    desk.say(json!({ "type": "activity", "active": false })).await;
    told(&mut watcher, Presence::Away).await;
    let phone = Client::of(&server, &alice).await;
    told(&mut watcher, Presence::Online).await;
    drop(phone);
    told(&mut watcher, Presence::Away).await;
    drop(desk);
    told(&mut watcher, Presence::Offline).await;
}

#[tokio::test]
async fn strangers_cannot_be_watched() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let mut watcher = Client::of(&server, &bob).await;
    watcher.say(json!({ "type": "watch", "users": [alice.user] })).await;
    let _alices = Client::of(&server, &alice).await;
    assert!(watcher.events_so_far().await.is_empty());
    let path = format!("/v1/presence?users={},{}", alice.user, bob.user);
    let (_, page) = watcher.request(1, "GET", &path, None).await;
    let users: Vec<_> = page["items"].as_array().expect("a list").iter().map(|item| &item["user"]).collect();
    assert_eq!(users, [&json!(bob.user)]);
}

#[tokio::test]
async fn an_event_stream_counts_as_being_here() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let stream = EventSource::of(&server, &alice, None).await;
    let mut client = Client::of(&server, &alice).await;
    client.say(json!({ "type": "activity", "active": false })).await;
    let path = format!("/v1/presence?users={}", alice.user);
    let (_, page) = client.request(1, "GET", &path, None).await;
    assert_eq!(page["items"][0]["presence"], "online");
    drop(stream);
    let client = tokio::sync::Mutex::new(client);
    eventually("only the idle socket is left", || async {
        let (_, page) = client.lock().await.request(2, "GET", &path, None).await;
        page["items"][0]["presence"] == "away"
    })
    .await;
}

#[tokio::test]
async fn typing_reaches_the_others_but_not_who_types() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let (mut alices, mut bobs) = (Client::of(&server, &alice).await, Client::of(&server, &bob).await);
    alices.say(json!({ "type": "typing", "chat": chat })).await;
    let event = bobs.event().await;
    assert_eq!(event, Event::Typing { chat, user: alice.user });
    assert!(alices.events_so_far().await.is_empty());
}

#[tokio::test]
async fn presence_over_http_asks_who_is_there_and_refuses_nonsense() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let bearer = format!("Bearer {}", alice.token);
    let users = format!("/v1/presence?users={}", alice.user);
    for (path, headers, status) in [
        (users.as_str(), vec![("Authorization", bearer.as_str())], 200),
        (users.as_str(), vec![], 401),
        ("/v1/presence", vec![("Authorization", bearer.as_str())], 400),
        ("/v1/presence?users=x", vec![("Authorization", bearer.as_str())], 400),
    ] {
        assert_eq!(EventSource::ask(&server, path, &headers).await.status(), status, "{path}");
    }
}
