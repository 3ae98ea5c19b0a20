use petit_domain::Event;
use petit_protocol::UpdateChat;

use crate::support::{Client, Server, State};

#[tokio::test]
async fn everybody_in_a_chat_hears_a_message_and_nobody_else() {
    let server = Server::start().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut at_home = Client::of(&server, &alice).await;
    let mut at_work = Client::of(&server, &alice).await;
    let mut bobs = Client::of(&server, &bob).await;
    let mut carols = Client::of(&server, &carol).await;
    let sent = server.send(&alice, chat, "hello").await;
    for client in [&mut at_home, &mut at_work, &mut bobs] {
        let event = client.event().await;
        assert!(matches!(event, Event::MessageCreated { message, .. } if message == sent));
    }
    server.app.settle().await;
    assert!(carols.events_so_far().await.is_empty());
}

#[tokio::test]
async fn many_senders_are_heard_in_one_order_without_a_gap() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut listeners = [Client::of(&server, &alice).await, Client::of(&server, &bob).await];
    let head = server.head(chat).await;
    let sending = async {
        let one = async {
            for number in 0..100 {
                server.send(&alice, chat, &format!("a{number}")).await;
            }
        };
        let other = async {
            for number in 0..100 {
                server.send(&bob, chat, &format!("b{number}")).await;
            }
        };
        tokio::join!(one, other);
    };
    sending.await;
    let last = head.seq + 200;
    for listener in &mut listeners {
        let events =
            listener.events_until(|e| matches!(e, Event::MessageCreated { seq, .. } if *seq == last)).await;
        let seqs: Vec<i64> = events
            .iter()
            .filter_map(|e| if let Event::MessageCreated { seq, .. } = e { Some(*seq) } else { None })
            .collect();
        assert_eq!(seqs, (head.seq + 1..=last).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn old_state_and_events_are_the_fresh_state_for_every_kind_of_event() {
    let server = Server::start().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut state = State::fresh(&server, &bob, chat).await;
    let mut client = Client::of(&server, &bob).await;
    let kept = server.send(&alice, chat, "kept").await;
    let gone = server.send(&alice, chat, "gone").await;
    server.edit(&alice, chat, kept.seq, "edited").await;
    server.delete(&alice, chat, gone.seq).await;
    server.add(&alice, chat, &carol).await;
    server.remove(&alice, chat, &carol).await;
    let name = "Ship".to_owned().try_into().expect("a name");
    petit_app::chats::update(
        &server.app,
        &alice.caller,
        chat,
        UpdateChat { name: Some(name), ..UpdateChat::default() },
    )
    .await
    .expect("renamed");
    server.app.settle().await;
    let events = client.events_until(|e| matches!(e, Event::ChatRenamed { .. })).await;
    let events = [events, client.events_so_far().await].concat();
    for event in &events {
        assert!(state.apply(event), "nothing is missing before {event:?}");
    }
    assert_eq!(state, State::fresh(&server, &bob, chat).await);
    assert!(
        events.iter().any(|e| matches!(e, Event::MessageDeleted { .. })),
        "the premise: all kinds were there"
    );
}

#[tokio::test]
async fn a_burst_to_a_large_chat_arrives_whole_at_every_socket() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(Client::of(&server, &bob).await);
    }
    for number in 0..64 {
        server.send(&alice, chat, &format!("burst {number}")).await;
    }
    let head = server.head(chat).await.seq;
    for client in &mut clients {
        let events =
            client.events_until(|e| matches!(e, Event::MessageCreated { seq, .. } if *seq == head)).await;
        assert_eq!(events.len(), 64);
    }
}

#[tokio::test]
async fn read_markers_reach_the_persons_other_devices_only() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let sent = server.send(&alice, chat, "read me").await;
    let mut phone = Client::of(&server, &bob).await;
    let mut alices = Client::of(&server, &alice).await;
    let mut desk = Client::of(&server, &bob).await;
    let path = format!("/v1/chats/{chat}/read-marker");
    let (status, _) = desk.request(1, "PUT", &path, Some(serde_json::json!({ "seq": sent.seq }))).await;
    assert_eq!(status, 200);
    let event = phone.event().await;
    assert!(matches!(event, Event::ReadMarkerMoved { seq, unread: 0, .. } if seq == sent.seq));
    let heard = alices.events_so_far().await;
    assert!(
        heard.iter().all(|event| matches!(event, Event::Receipts { .. })),
        "that it was seen, at most: {heard:?}"
    );
}
