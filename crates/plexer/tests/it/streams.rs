use std::time::Duration;

use petit_plexer::Settings;

use crate::support::{EventSource, Server, fast};

#[tokio::test]
async fn a_stream_carries_events_from_its_greeting_on() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    assert!(stream.head.to_lowercase().contains("content-type: text/event-stream"), "{}", stream.head);
    assert!(stream.head.to_lowercase().contains("x-accel-buffering: no"), "{}", stream.head);
    let sent = server.send(&alice, chat, "line\nbreak").await;
    let event = stream.next().await.expect("an event");
    assert_eq!(event["type"], "message_created");
    assert_eq!((&event["chat"], &event["seq"]), (&serde_json::json!(chat), &serde_json::json!(sent.seq)));
    assert_eq!(event["message"]["text"], "line\nbreak");
    assert!(stream.last_id.is_some());
}

#[tokio::test]
async fn the_last_event_id_continues_exactly() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    let mut seqs = Vec::new();
    for round in 0..3 {
        server.send(&alice, chat, &format!("live {round}")).await;
        seqs.push(stream.next().await.expect("an event")["seq"].clone());
        let last = stream.last_id.clone().expect("an id");
        drop(stream);
        for number in 0..3 {
            server.send(&alice, chat, &format!("missed {round}.{number}")).await;
        }
        stream = EventSource::of(&server, &bob, Some(&last)).await;
        for _ in 0..3 {
            seqs.push(stream.next().await.expect("an event")["seq"].clone());
        }
    }
    let first = seqs[0].as_i64().expect("a number");
    assert_eq!(seqs, (first..first + 12).map(serde_json::Value::from).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_last_event_id_continues_after_a_restart() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    server.send(&alice, chat, "seen").await;
    stream.next().await.expect("an event");
    let last = stream.last_id.clone().expect("an id");
    drop(stream);
    server.send(&alice, chat, "missed").await;
    let server = server.restarted().await;
    let mut stream = EventSource::of(&server, &bob, Some(&last)).await;
    let mut texts = Vec::new();
    while texts.last().is_none_or(|text| text != "missed") {
        texts.push(stream.next().await.expect("an event")["message"]["text"].clone());
    }
}

#[tokio::test]
async fn an_id_that_is_not_ours_asks_to_fetch() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    for id in ["nonsense", "1.2", "zz.1.1"] {
        let mut stream = EventSource::of(&server, &alice, Some(id)).await;
        assert_eq!(
            stream.next().await.expect("an event"),
            serde_json::json!({ "type": "resync", "chats": [] })
        );
    }
}

#[tokio::test]
async fn another_persons_stream_cannot_be_continued() {
    let server = Server::start().await;
    let (alice, bob, eve) =
        (server.person("alice").await, server.person("bob").await, server.person("eve").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    server.send(&alice, chat, "seen").await;
    stream.next().await.expect("an event");
    let last = stream.last_id.clone().expect("an id");
    drop(stream);
    server.send(&alice, chat, "secret").await;
    let mut eves = EventSource::of(&server, &eve, Some(&last)).await;
    let other = server.group(&[&alice, &eve]).await;
    assert_eq!(eves.next().await.expect("an event")["type"], "resync", "of everything that is hers");
    let event = eves.next().await.expect("an event");
    assert_eq!(event["chat"], serde_json::json!(other), "{event}");
}

#[tokio::test]
async fn nobody_signed_in_gets_a_problem() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let cookie = format!("petit_session={}", alice.token);
    let ticket = format!("/v1/events?ticket={}", server.ticket(&alice));
    let (own, foreign) = (format!("http://{}", server.address), "http://evil.example".to_owned());
    for (path, headers, status) in [
        ("/v1/events", vec![], 401),
        ("/v1/events", vec![("Authorization", "Bearer pc_wrong")], 401),
        ("/v1/events?ticket=x", vec![], 401),
        (ticket.as_str(), vec![], 200),
        (ticket.as_str(), vec![], 401),
        ("/v1/events", vec![("Cookie", cookie.as_str())], 200),
        ("/v1/events", vec![("Cookie", cookie.as_str()), ("Origin", own.as_str())], 200),
        ("/v1/events", vec![("Cookie", cookie.as_str()), ("Origin", foreign.as_str())], 403),
    ] {
        let answer = EventSource::ask(&server, path, &headers).await;
        assert_eq!(answer.status(), status, "{path} {headers:?}");
        if status >= 400 {
            assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
        }
    }
}

#[tokio::test]
async fn a_quiet_stream_gets_comments() {
    let server = Server::with(Settings { comment_every: Duration::from_millis(30), ..fast() }).await;
    let alice = server.person("alice").await;
    let mut stream = EventSource::of(&server, &alice, None).await;
    for _ in 0..3 {
        assert_eq!(stream.block().await.as_deref(), Some(":"));
    }
}
