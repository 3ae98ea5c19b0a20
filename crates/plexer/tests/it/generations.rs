//! A backup was brought back: numbers that clients hold are of another history.

use petit_domain::Head;
use petit_protocol::{Cursors, ServerFrame};
use serde_json::json;

use crate::support::{Client, EventSource, Member, Server};

async fn identified(server: &Server, by: &Member, cursors: &Cursors, generation: Option<&str>) -> Client {
    let mut client = Client::connect(server).await;
    let ticket = server.ticket(by);
    client
        .say(json!({ "type": "identify", "ticket": ticket, "cursors": cursors, "generation": generation }))
        .await;
    client
}

/// The generation in `ready`, and the frames that follow it.
async fn welcomed(client: &mut Client) -> (String, Vec<ServerFrame>) {
    let ServerFrame::Ready { generation, .. } = client.frame().await else { panic!("not ready") };
    (generation, client.frames_so_far().await)
}

fn events(frames: &[ServerFrame]) -> usize {
    frames.iter().filter(|frame| matches!(frame, ServerFrame::Event { .. })).count()
}

#[tokio::test]
async fn cursors_of_another_generation_ask_to_fetch_and_those_of_this_one_are_replayed() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let cursors = server.cursors(&[chat]).await;
    server.send(&alice, chat, "missed").await;
    let (generation, _) = welcomed(&mut Client::fresh(&server, &bob).await).await;
    for known in [None, Some(generation.as_str())] {
        let (of, frames) = welcomed(&mut identified(&server, &bob, &cursors, known).await).await;
        assert_eq!((&of, events(&frames), frames.len()), (&generation, 1, 1), "one history so far");
    }
    let (of, frames) = welcomed(&mut identified(&server, &bob, &cursors, Some("another")).await).await;
    assert_eq!(of, generation);
    assert!(matches!(&frames[0], ServerFrame::Resync { chats } if chats[..] == [chat]), "{frames:?}");
    let (_, frames) = welcomed(&mut identified(&server, &bob, &Cursors::new(), Some("another")).await).await;
    assert_eq!(frames.len(), 0, "nothing was named");
}

#[tokio::test]
async fn after_a_restore_there_is_another_generation_and_nameless_numbers_count_no_more() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let (before, _) = welcomed(&mut Client::fresh(&server, &bob).await).await;
    let server = server.restored().await;
    server.send(&alice, chat, "new").await;
    let behind = Cursors::from([(chat, Head { seq: 0, cseq: -1 })]);
    for known in [None, Some(before.as_str())] {
        let (now, frames) = welcomed(&mut identified(&server, &bob, &behind, known).await).await;
        assert_ne!(now, before);
        let resync =
            frames.iter().any(|frame| matches!(frame, ServerFrame::Resync { chats } if chats[..] == [chat]));
        assert!(resync, "{known:?}: {frames:?}");
    }
    let (now, _) = welcomed(&mut Client::fresh(&server, &bob).await).await;
    let (_, frames) = welcomed(&mut identified(&server, &bob, &behind, Some(&now)).await).await;
    assert!(frames.iter().all(|frame| matches!(frame, ServerFrame::Event { .. })), "{frames:?}");
}

#[tokio::test]
async fn what_opens_an_old_place_does_so_in_its_own_history_only() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    server.group(&[&bob, &alice]).await;
    let mut client = Client::of(&server, &bob).await;
    let (status, page) = client.request(1, "GET", "/v1/chats?limit=1", None).await;
    let next = format!("/v1/chats?limit=1&cursor={}", page["next"].as_str().expect("a next page"));
    assert_eq!((status, client.request(2, "GET", &next, None).await.0), (200, 200));
    let mut stream = EventSource::of(&server, &bob, None).await;
    server.send(&alice, chat, "heard").await;
    stream.next().await.expect("an event");
    let (broken, id) = (client.broken(), stream.last_id.clone().expect("an id"));
    drop(stream);
    let server = server.restored().await;
    server.send(&alice, chat, "new").await;
    let cursors = server.cursors(&[chat]).await;
    let (mut resumed, exact, _) = Client::resuming(&server, &broken, &cursors).await;
    let told = resumed.frames_so_far().await;
    assert!(
        !exact && matches!(&told[..], [ServerFrame::Resync { chats }] if chats[..] == [chat]),
        "{told:?}"
    );
    let mut stream = EventSource::of(&server, &bob, Some(&id)).await;
    assert_eq!(stream.next().await, Some(json!({ "type": "resync", "chats": [] })));
    server.send(&alice, chat, "live").await;
    assert_eq!(stream.next().await.expect("an event")["message"]["text"], "live", "nothing was replayed");
    let (status, problem) = Client::of(&server, &bob).await.request(3, "GET", &next, None).await;
    assert_eq!((status, &problem["code"]), (400, &json!("invalid_cursor")));
}
