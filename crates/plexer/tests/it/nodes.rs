//! Several gateways of one installation: whoever loses one goes on at another.

use std::time::{Duration, Instant};

use petit_domain::Event;
use petit_protocol::{Cursors, ServerFrame};
use serde_json::json;

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
async fn sockets_are_sent_away_over_the_window_and_no_answer_is_cut() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(Client::of(&server, &alice).await);
    }
    let (plexer, begun) = (server.plexer.clone(), Instant::now());
    let draining = tokio::spawn(async move { plexer.drain(Duration::from_secs(2)).await });
    let goings = clients.into_iter().enumerate().map(|(id, client)| leave(client, id as u64, begun));
    let mut went = futures_util::future::join_all(goings).await;
    went.sort_unstable();
    let (first, last) = (went[0], went[7]);
    assert!(first < Duration::from_millis(900) && last > Duration::from_millis(1_100), "{went:?}");
    draining.await.expect("it ends");
}

/// Asks one thing after the other until it is sent away; every question was answered.
async fn leave(mut client: Client, id: u64, begun: Instant) -> Duration {
    for round in 0.. {
        let request =
            json!({ "type": "request", "id": id * 1_000_000 + round, "method": "GET", "path": "/v1/me" });
        client.say(request).await;
        match client.frame().await {
            ServerFrame::Response { status, .. } => assert_eq!(status, 200),
            // It was sent before the question came.
            ServerFrame::Goaway { .. } => break,
            other => panic!("neither an answer nor a farewell: {other:?}"),
        }
    }
    begun.elapsed()
}
