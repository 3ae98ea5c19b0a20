//! Several gateways of one installation: whoever loses one goes on at another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use futures_util::future::join_all;
use petit_domain::Event;
use petit_protocol::{Cursors, ServerFrame};
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    resume::{happenings, take},
    support::{Broken, Client, EventSource, Server, State},
};

#[tokio::test]
async fn a_connection_that_broke_goes_on_at_any_node_and_ends_in_the_same_state() {
    let (one, alice, bob, carol);
    one = Server::start().await;
    (alice, bob, carol) = (one.person("alice").await, one.person("bob").await, one.person("carol").await);
    let other = one.beside().await;
    let chat = one.group(&[&alice, &bob]).await;
    let before = State::fresh(&one, &bob, chat).await;
    let cursors = Cursors::from([(chat, before.head)]);
    let broken = Client::of(&one, &bob).await.broken();
    let again = Broken { received: broken.received, resume_token: broken.resume_token.clone() };
    happenings(&one, &alice, &carol, chat).await;

    let (mut there, exact, replayed) = Client::resuming(&other, &broken, &cursors).await;
    assert!(!exact && replayed > 5, "exact: {exact}, {replayed} events");
    let mut by_cursor = before.clone();
    by_cursor.apply_all(&other, &bob, &take(&mut there, replayed).await).await;
    let (mut here, exact, replayed) = Client::resuming(&one, &again, &cursors).await;
    assert!(exact, "the first node still has the connection");
    let mut by_ring = before.clone();
    take(&mut here, replayed).await.iter().for_each(|event| assert!(by_ring.apply(event)));
    assert_eq!(by_cursor, by_ring);

    let live = one.send(&alice, chat, "live").await;
    for client in [&mut there, &mut here] {
        assert!(
            matches!(client.event().await, Event::MessageCreated { message, .. } if message.id == live.id)
        );
    }
}

#[tokio::test]
async fn an_event_stream_goes_on_at_any_node() {
    let one = Server::start().await;
    let (alice, bob) = (one.person("alice").await, one.person("bob").await);
    let other = one.beside().await;
    let chat = one.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&one, &bob, None).await;
    one.send(&alice, chat, "seen").await;
    stream.next().await.expect("an event");
    let last = stream.last_id.clone().expect("an id");
    let missed = one.send(&alice, chat, "missed").await;
    let mut stream = EventSource::of(&other, &bob, Some(&last)).await;
    // The moment of an id is not exact: some may come again, none is left out.
    while stream.next().await.expect("an event")["seq"] != json!(missed.seq) {}
    one.send(&alice, chat, "live").await;
    assert_eq!(stream.next().await.expect("an event")["message"]["text"], "live");
}

#[tokio::test]
async fn sockets_are_sent_away_over_the_window() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(Client::of(&server, &alice).await);
    }
    let (plexer, begun) = (server.plexer.clone(), Instant::now());
    let draining = tokio::spawn(async move { plexer.drain(Duration::from_secs(2)).await });
    let leaving = clients.into_iter().map(|mut client| async move {
        let frame = client.frame().await;
        assert!(matches!(frame, ServerFrame::Goaway { .. }), "{frame:?}");
        begun.elapsed()
    });
    let mut went = join_all(leaving).await;
    went.sort_unstable();
    assert!(went[0] < Duration::from_millis(900) && went[7] > Duration::from_millis(1_100), "{went:?}");
    draining.await.expect("it ends");
}

#[tokio::test]
async fn an_answer_that_is_under_way_is_not_cut() {
    let usual = Server::start().await;
    let alice = usual.person("alice").await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (begun.clone(), go_on.clone());
    let slow = async move || {
        begins.notify_one();
        waits.notified().await;
        "null".to_owned()
    };
    let server = usual.answering(Router::new().route("/v1/slow", get(slow))).await;
    let (mut asks, mut idle) = (Client::of(&server, &alice).await, Client::of(&server, &alice).await);
    asks.say(json!({ "type": "request", "id": 1, "method": "GET", "path": "/v1/slow" })).await;
    begun.notified().await;
    let plexer = server.plexer.clone();
    let draining = tokio::spawn(async move { plexer.drain(Duration::ZERO).await });
    assert!(matches!(idle.frame().await, ServerFrame::Goaway { .. }), "who asked nothing goes at once");
    go_on.notify_one();
    let answer = asks.frame().await;
    assert!(matches!(answer, ServerFrame::Response { id: 1, .. }), "{answer:?}");
    assert!(matches!(asks.frame().await, ServerFrame::Goaway { .. }));
    draining.await.expect("it ends");
}
