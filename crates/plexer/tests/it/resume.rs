use std::time::Duration;

use futures_util::future::join_all;
use petit_domain::{ChatId, Event};
use petit_plexer::Settings;
use petit_protocol::{Cursors, ServerFrame};
use serde_json::json;

use crate::support::{Broken, Client, Member, Server, State, fast};

/// Everything that can happen in a chat.
pub async fn happenings(server: &Server, alice: &Member, carol: &Member, chat: ChatId) {
    let kept = server.send(alice, chat, "kept").await;
    let gone = server.send(alice, chat, "gone").await;
    server.edit(alice, chat, kept.seq, "edited").await;
    server.edit(alice, chat, kept.seq, "edited twice").await;
    server.delete(alice, chat, gone.seq).await;
    server.add(alice, chat, carol).await;
    server.send(carol, chat, "hello").await;
    server.remove(alice, chat, carol).await;
    server.app.settle().await;
}

pub async fn take(client: &mut Client, count: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(client.event().await);
    }
    events
}

#[tokio::test]
async fn resuming_exactly_and_by_cursor_end_in_the_same_state() {
    let server = Server::start().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob]).await;
    let before = State::fresh(&server, &bob, chat).await;
    let cursors = Cursors::from([(chat, before.head)]);
    let first = Client::of(&server, &bob).await.broken();
    let second = Client::of(&server, &bob).await.broken();
    happenings(&server, &alice, &carol, chat).await;

    let (mut exactly, exact, replayed) = Client::resuming(&server, &first, &cursors).await;
    assert!(exact && replayed > 5, "exact: {exact}, {replayed} events");
    let mut by_ring = before.clone();
    for event in take(&mut exactly, replayed).await {
        assert!(by_ring.apply(&event), "nothing is missing before {event:?}");
    }

    let lying = Broken { received: 1_000, ..second };
    let (mut roughly, exact, replayed) = Client::resuming(&server, &lying, &cursors).await;
    assert!(!exact, "so much was never sent");
    let mut by_cursor = before.clone();
    let events = take(&mut roughly, replayed).await;
    by_cursor.apply_all(&server, &bob, &events).await;

    let fresh = State::fresh(&server, &bob, chat).await;
    assert_eq!(by_ring, fresh);
    assert_eq!(by_cursor, fresh);
}

#[tokio::test]
async fn a_resumed_connection_goes_on_live_and_can_break_again() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut client = Client::of(&server, &bob).await;
    let mut seen = Vec::new();
    for round in 0..5 {
        server.send(&alice, chat, &format!("live {round}")).await;
        seen.push(client.event().await);
        let broken = client.broken();
        server.send(&alice, chat, &format!("missed {round}")).await;
        server.app.settle().await;
        let (resumed, exact, replayed) = Client::resuming(&server, &broken, &Cursors::new()).await;
        assert_eq!((exact, replayed), (true, 1), "round {round}");
        client = resumed;
        seen.push(client.event().await);
    }
    let seqs: Vec<_> =
        seen.iter().map(|e| if let Event::MessageCreated { seq, .. } = e { *seq } else { -9 }).collect();
    assert_eq!(seqs, (seqs[0]..seqs[0] + 10).collect::<Vec<_>>());
}

#[tokio::test]
async fn acknowledged_events_are_not_sent_again() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut client = Client::of(&server, &bob).await;
    for number in 0..10 {
        server.send(&alice, chat, &format!("{number}")).await;
        client.event().await;
    }
    client.frames_so_far().await;
    let (mut resumed, exact, replayed) = Client::resuming(&server, &client.broken(), &Cursors::new()).await;
    assert_eq!((exact, replayed), (true, 0));
    assert!(resumed.events_so_far().await.is_empty());
}

#[tokio::test]
async fn a_resume_token_works_once() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let broken = Client::of(&server, &alice).await.broken();
    let (_resumed, exact, _) = Client::resuming(&server, &broken, &Cursors::new()).await;
    assert!(exact);
    for token in [broken.resume_token.as_str(), "x", ""] {
        let mut client = Client::connect(&server).await;
        client.say(json!({ "type": "resume", "token": token, "received": 0 })).await;
        assert_eq!(client.close_code().await, 4007);
    }
}

#[tokio::test]
async fn resuming_takes_over_from_a_socket_that_only_seemed_to_work() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let half_open = Client::of(&server, &bob).await;
    let knows = Broken { received: half_open.received, resume_token: half_open.resume_token.clone() };
    let (mut client, exact, _) = Client::resuming(&server, &knows, &Cursors::new()).await;
    assert!(exact);
    server.send(&alice, chat, "to the new one").await;
    assert!(matches!(client.event().await, Event::MessageCreated { .. }));
}

#[tokio::test]
async fn after_the_ring_is_gone_the_cursors_count() {
    let settings = Settings { resume_within: Duration::from_millis(50), ..fast() };
    let server = Server::with(settings).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let cursors = server.cursors(&[chat]).await;
    let broken = Client::of(&server, &bob).await.broken();
    server.send(&alice, chat, "while away").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (mut client, exact, replayed) = Client::resuming(&server, &broken, &cursors).await;
    assert_eq!((exact, replayed), (false, 1));
    assert!(
        matches!(client.event().await, Event::MessageCreated { message, .. } if message.text == "while away")
    );
    server.send(&alice, chat, "live").await;
    assert!(matches!(client.event().await, Event::MessageCreated { message, .. } if message.text == "live"));
}

#[tokio::test]
async fn a_restarted_server_continues_by_cursor() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let before = State::fresh(&server, &bob, chat).await;
    let broken = Client::of(&server, &bob).await.broken();
    server.send(&alice, chat, "before the restart").await;
    let server = server.restarted().await;
    server.send(&alice, chat, "after the restart").await;
    let cursors = Cursors::from([(chat, before.head)]);
    let (mut client, exact, replayed) = Client::resuming(&server, &broken, &cursors).await;
    assert_eq!((exact, replayed), (false, 2));
    let mut state = before;
    for event in take(&mut client, replayed).await {
        assert!(state.apply(&event));
    }
    assert_eq!(state, State::fresh(&server, &bob, chat).await);
}

#[tokio::test]
async fn identify_replays_what_came_after_the_cursors_and_then_live() {
    let server = Server::start().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut state = State::fresh(&server, &bob, chat).await;
    happenings(&server, &alice, &carol, chat).await;
    let mut client = Client::connect(&server).await;
    client.identify(&server.ticket(&bob), &Cursors::from([(chat, state.head)])).await;
    let live = server.send(&alice, chat, "live").await;
    let events = client
        .events_until(|e| matches!(e, Event::MessageCreated { message, .. } if message.id == live.id))
        .await;
    state.apply_all(&server, &bob, &events).await;
    assert_eq!(state, State::fresh(&server, &bob, chat).await);
}

#[tokio::test]
async fn events_that_come_during_a_replay_are_not_lost() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let state = State::fresh(&server, &bob, chat).await;
    for number in 0..100 {
        server.send(&alice, chat, &format!("missed {number}")).await;
    }
    let (server, writer, cursors) = (&server, &alice, Cursors::from([(chat, state.head)]));
    let writing = join_all((0..200).map(|number| async move {
        server.send(writer, chat, &format!("meanwhile {number}")).await;
    }));
    let connecting = join_all((0..20).map(|_| async {
        let mut client = Client::connect(server).await;
        client.identify(&server.ticket(&bob), &cursors).await;
        client
    }));
    let (_, clients) = tokio::join!(writing, connecting);
    let head = server.head(chat).await.seq;
    for mut client in clients {
        let mut state = state.clone();
        let events =
            client.events_until(|e| matches!(e, Event::MessageCreated { seq, .. } if *seq == head)).await;
        for event in &events {
            assert!(state.apply(event), "a gap before {event:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_replayed_is_to_be_fetched() {
    let server = Server::start().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let (long, foreign) = (server.group(&[&alice, &bob]).await, server.group(&[&alice, &carol]).await);
    let cursors = server.cursors(&[long, foreign]).await;
    for number in 0..520 {
        server.send(&alice, long, &format!("{number}")).await;
    }
    let mut client = Client::connect(&server).await;
    client.identify(&server.ticket(&bob), &cursors).await;
    let mut expected = vec![long, foreign];
    expected.sort_unstable();
    match client.frame().await {
        ServerFrame::Resync { chats } => assert_eq!(chats, expected),
        other => panic!("not a resync: {other:?}"),
    }
}

#[tokio::test]
async fn who_says_goodbye_is_forgotten() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    client.send(tokio_tungstenite::tungstenite::Message::Close(None)).await;
    client.close_code().await;
    let broken = client.broken();
    let (_, exact, _) = Client::resuming(&server, &broken, &Cursors::new()).await;
    assert!(!exact);
}

#[tokio::test]
async fn a_long_replay_arrives_whole_at_a_slow_reader() {
    let server = Server::with_small_buffers(fast()).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut state = State::fresh(&server, &bob, chat).await;
    for number in 0..490 {
        server.send(&alice, chat, &format!("{number} {}", "x".repeat(2_000))).await;
    }
    let mut client = Client::with_small_buffers(&server).await;
    client.identify(&server.ticket(&bob), &Cursors::from([(chat, state.head)])).await;
    let live = server.send(&alice, chat, "live").await;
    let events =
        client.events_until(|e| matches!(e, Event::MessageCreated { seq, .. } if *seq == live.seq)).await;
    for event in &events {
        assert!(state.apply(event), "a gap before {event:?}");
    }
}
