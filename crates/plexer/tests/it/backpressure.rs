use std::time::Duration;

use petit_domain::Event;
use petit_plexer::Settings;
use petit_protocol::ServerFrame;

use crate::support::{Client, Server, State, fast};

const MESSAGES: usize = 900;

#[tokio::test]
async fn a_slow_reader_is_told_what_it_lost_and_converges_while_others_hear_everything() {
    let server = Server::with_small_buffers(fast()).await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob, &carol]).await;
    let mut state = State::fresh(&server, &bob, chat).await;
    let mut slow = Client::with_small_buffers(&server).await;
    slow.identify(&server.ticket(&bob), &Default::default()).await;
    let mut quick = Client::of(&server, &carol).await;

    for number in 0..MESSAGES {
        server.send(&alice, chat, &format!("{number} {}", "x".repeat(300))).await;
        quick.event().await;
    }

    let (mut dirty, mut events) = (None, Vec::new());
    while dirty.is_none() {
        match slow.frame().await {
            ServerFrame::Dirty { chats } => dirty = Some(chats),
            ServerFrame::Event { event } => events.push(event),
            other => panic!("{other:?}"),
        }
    }
    assert!(events.len() < MESSAGES, "the premise: something was dropped");
    let heads = dirty.expect("just seen");
    assert_eq!(heads.get(&chat), Some(&server.head(chat).await));
    state.apply_all(&server, &bob, &events).await;
    state.repair(&server, &bob).await;
    assert_eq!(state, State::fresh(&server, &bob, chat).await);

    server.send(&alice, chat, "afterwards").await;
    let last = slow.event().await;
    assert!(matches!(last, Event::MessageCreated { message, .. } if message.text == "afterwards"));
}

#[tokio::test]
async fn who_does_not_read_for_too_long_is_closed_and_may_resume() {
    let settings = Settings { full_for: Duration::from_millis(200), ..fast() };
    let server = Server::with_small_buffers(settings).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut slow = Client::with_small_buffers(&server).await;
    slow.identify(&server.ticket(&bob), &Default::default()).await;
    for number in 0..MESSAGES {
        server.send(&alice, chat, &format!("{number} {}", "x".repeat(300))).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(slow.close_code().await, 4008);
}
