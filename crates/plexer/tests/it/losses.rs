//! A bus that loses events without saying so: everybody is right soon, and asks for nothing by themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use petit_bus_local::LocalBus;
use petit_domain::{ChatId, Event};
use petit_plexer::Settings;
use petit_ports::{Announcement, Bus, BusError, Mailbox, Subject, Subscriber};
use petit_protocol::ServerFrame;
use serde_json::json;
use tokio::time::timeout;

use crate::support::{Client, EventSource, Member, Server, State, fast};

/// The local bus, which loses some of what it is given.
#[derive(Default)]
pub struct Lossy {
    bus: LocalBus,
    /// Of how many events one is lost; 0 for none.
    loses_one_of: AtomicU64,
    count: AtomicU64,
}

impl Lossy {
    pub fn lose_one_of(&self, many: u64) {
        self.loses_one_of.store(many, Ordering::Relaxed);
    }
}

#[async_trait]
impl Bus for Lossy {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        let (count, many) =
            (self.count.fetch_add(1, Ordering::Relaxed), self.loses_one_of.load(Ordering::Relaxed));
        if many > 0 && count.is_multiple_of(many) {
            return Ok(());
        }
        self.bus.publish(subject, announcement).await
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        self.bus.attach(capacity).await
    }
}

fn soon() -> Settings {
    Settings {
        compare_every: Duration::from_millis(100),
        compare_grace: Duration::from_millis(50),
        // Too late to help: a loss has to be noticed.
        recheck_chats: Duration::from_secs(3_600),
        ..fast()
    }
}

async fn server() -> (Arc<Lossy>, Server) {
    let bus = Arc::<Lossy>::default();
    let server = Server::on(bus.clone(), soon()).await;
    (bus, server)
}

/// Reads frames until one says that something of this chat is to be fetched.
async fn told_of(client: &mut Client, chat: ChatId) -> ServerFrame {
    loop {
        let frame = client.frame().await;
        match &frame {
            ServerFrame::Dirty { chats } if chats.contains_key(&chat) => return frame,
            ServerFrame::Resync { chats } if chats.is_empty() || chats.contains(&chat) => return frame,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_socket_is_told_of_the_last_message_that_the_bus_lost() {
    let (bus, server) = server().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut state = State::fresh(&server, &bob, chat).await;
    let mut client = Client::of(&server, &bob).await;
    bus.lose_one_of(1);
    let lost = server.send(&alice, chat, "lost").await;
    server.edit(&alice, chat, lost.seq, "edited").await;
    server.app.settle().await;
    let told = told_of(&mut client, chat).await;
    assert!(matches!(told, ServerFrame::Dirty { chats } if chats[&chat] == server.head(chat).await));
    state.repair(&server, &bob).await;
    assert_eq!(state, State::fresh(&server, &bob, chat).await);
    bus.lose_one_of(0);
    let sent = server.send(&alice, chat, "heard").await;
    let heard = client.events_until(|e| matches!(e, Event::MessageCreated { .. })).await;
    assert!(matches!(&heard[..], [.., Event::MessageCreated { message, .. }] if *message == sent));
}

#[tokio::test]
async fn an_event_stream_is_told_too() {
    let (bus, server) = server().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    bus.lose_one_of(1);
    server.send(&alice, chat, "lost").await;
    let told = timeout(Duration::from_secs(10), stream.next()).await.expect("told in time");
    assert_eq!(told, Some(json!({ "type": "resync", "chats": [chat] })));
}

#[tokio::test]
async fn who_was_added_while_the_bus_was_deaf_is_told_of_the_chat_and_hears_it() {
    let (bus, server) = server().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice]).await;
    let mut client = Client::of(&server, &bob).await;
    bus.lose_one_of(1);
    server.add(&alice, chat, &bob).await;
    server.app.settle().await;
    let told = told_of(&mut client, chat).await;
    assert!(matches!(told, ServerFrame::Dirty { .. }), "it is theirs now: {told:?}");
    bus.lose_one_of(0);
    let sent = server.send(&alice, chat, "welcome").await;
    let event = client.events_until(|e| matches!(e, Event::MessageCreated { .. })).await;
    assert!(matches!(&event[..], [.., Event::MessageCreated { message, .. }] if *message == sent));
}

#[tokio::test]
async fn who_was_removed_while_the_bus_was_deaf_is_told_and_hears_nothing_more() {
    let (bus, server) = server().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut client = Client::of(&server, &bob).await;
    bus.lose_one_of(1);
    server.remove(&alice, chat, &bob).await;
    server.app.settle().await;
    while !matches!(told_of(&mut client, chat).await, ServerFrame::Resync { .. }) {}
    bus.lose_one_of(0);
    server.send(&alice, chat, "about bob").await;
    server.app.settle().await;
    let events = client.events_so_far().await;
    assert!(events.iter().all(|e| !matches!(e, Event::MessageCreated { .. })), "{events:?}");
}

/// Reads and applies until the client's state is that of the log.
async fn converge(server: &Server, member: &Member, client: &mut Client, mut state: State, chat: ChatId) {
    while state != State::fresh(server, member, chat).await {
        match client.frame().await {
            ServerFrame::Event { event } if event.chat() == Some(chat) => {
                state.apply_all(server, member, &[event]).await;
            }
            ServerFrame::Dirty { chats } if chats.contains_key(&chat) => state.repair(server, member).await,
            ServerFrame::Resync { .. } => state.repair(server, member).await,
            _ => {}
        }
    }
}

#[tokio::test]
async fn everybody_is_right_after_a_lossy_storm_whatever_was_lost() {
    let (bus, server) = server().await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob, &carol]).await;
    let fresh = State::fresh(&server, &bob, chat).await;
    let others = State::fresh(&server, &carol, chat).await;
    let (mut bobs, mut carols) = (Client::of(&server, &bob).await, Client::of(&server, &carol).await);
    for one_of in [5, 3, 2, 1] {
        bus.lose_one_of(one_of);
        for number in 0..20 {
            let sent = server.send(&alice, chat, &format!("{one_of} {number}")).await;
            if number % 4 == 0 {
                server.edit(&alice, chat, sent.seq, "edited").await;
            }
        }
    }
    server.app.settle().await;
    converge(&server, &bob, &mut bobs, fresh, chat).await;
    converge(&server, &carol, &mut carols, others, chat).await;
}

#[tokio::test]
async fn even_where_nothing_seems_to_be_lost_everybodys_chats_are_read_again_in_time() {
    let bus = Arc::<Lossy>::default();
    let settings = Settings { recheck_chats: Duration::from_millis(300), ..soon() };
    let server = Server::on(bus.clone(), settings).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice]).await;
    let mut client = Client::of(&server, &bob).await;
    bus.lose_one_of(1);
    server.add(&alice, chat, &bob).await;
    server.app.settle().await;
    bus.lose_one_of(0);
    told_of(&mut client, chat).await;
}

#[tokio::test]
async fn nobody_is_told_of_losses_when_there_are_none() {
    let settings = Settings { compare_every: Duration::from_millis(10), ..Settings::default() };
    let server = Server::on(Arc::<Lossy>::default(), settings).await;
    let (alice, bob, carol) =
        (server.person("alice").await, server.person("bob").await, server.person("carol").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut client = Client::of(&server, &bob).await;
    for number in 0..100 {
        let sent = server.send(&alice, chat, &format!("{number}")).await;
        server.edit(&alice, chat, sent.seq, "edited").await;
    }
    server.add(&alice, chat, &carol).await;
    server.remove(&alice, chat, &carol).await;
    server.app.settle().await;
    let settled = tokio::time::Instant::now() + Duration::from_secs(3);
    let mut frames = Vec::new();
    while tokio::time::Instant::now() < settled {
        frames.extend(client.frames_so_far().await);
    }
    assert!(frames.iter().filter(|frame| matches!(frame, ServerFrame::Event { .. })).count() >= 200);
    let others = frames.iter().filter(|frame| !matches!(frame, ServerFrame::Event { .. }));
    assert_eq!(others.count(), 0);
}
