//! What a newer version says is carried like anything else.

use std::{sync::Arc, time::Duration};

use petit_domain::ChatId;
use petit_plexer::Settings;
use petit_ports::{Announcement, ChangeKind, NewChange, Subject, Wish, Written};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    losses::Lossy,
    support::{Client, EventSource, Member, Server, fast},
};

fn invented(chat: ChatId, cseq: i64) -> String {
    format!(r#"{{"type":"pinned", "chat":"{chat}","seq":-1,"cseq":{cseq},"n":"cseq","by":["é",1.0]}}"#)
}

async fn say(server: &Server, chat: ChatId, json: String) {
    let announcement = Announcement::received(json.into()).expect("it has an envelope");
    server.app.bus().publish(Subject::Chat(chat), announcement).await.expect("published");
}

/// The texts of all frames up to an answer to a ping.
async fn texts_so_far(client: &mut Client) -> Vec<String> {
    client.say(json!({ "type": "ping", "received": 0 })).await;
    let mut texts = Vec::new();
    loop {
        let Message::Text(text) = client.message().await else { panic!("not a text") };
        if text.contains(r#""type":"pong""#) {
            return texts;
        }
        texts.push(text.to_string());
    }
}

/// The log numbers a change of which nobody says a word.
async fn change_silently(bus: &Lossy, server: &Server, by: &Member, chat: ChatId) {
    bus.lose_one_of(1);
    let effect = ChangeKind::MessageEdited(99).into();
    let change = NewChange { effect, actor: by.user, at: server.app.now(), if_cseq: None };
    let noted = server.app.store().log_writer.write(chat, Wish::Note(change)).await.expect("a store");
    assert!(matches!(noted, Written::Noted(_)), "{noted:?}");
    server.app.settle().await;
    bus.lose_one_of(0);
}

#[tokio::test]
async fn an_unknown_event_reaches_sockets_and_streams_with_its_bytes_and_its_number_is_heard() {
    let bus = Arc::<Lossy>::default();
    let settings = Settings {
        compare_every: Duration::from_millis(200),
        compare_grace: Duration::from_millis(100),
        recheck_chats: Duration::from_secs(3_600),
        ..fast()
    };
    let server = Server::on(bus.clone(), settings).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut socket = Client::of(&server, &bob).await;
    let mut stream = EventSource::of(&server, &bob, None).await;
    let head = server.head(chat).await.cseq;
    let said: Vec<_> = (1..=3).map(|step| invented(chat, head + step)).collect();
    for json in &said {
        change_silently(&bus, &server, &alice, chat).await;
        say(&server, chat, json.clone()).await;
    }
    // Longer than a few comparisons take.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let frames: Vec<_> = said.iter().map(|json| format!(r#"{{"type":"event","event":{json}}}"#)).collect();
    assert_eq!(texts_so_far(&mut socket).await, frames, "and nothing else: no number is missing");
    for json in &said {
        let data = stream.block().await.expect("an event");
        assert!(data.ends_with(&format!("data: {json}")), "{data}");
    }
}

#[tokio::test]
async fn what_was_not_heard_of_a_chat_is_still_noticed_among_unknown_events() {
    let bus = Arc::<Lossy>::default();
    let settings = Settings {
        compare_every: Duration::from_millis(100),
        compare_grace: Duration::from_millis(50),
        ..fast()
    };
    let server = Server::on(bus.clone(), settings).await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let mut socket = Client::of(&server, &bob).await;
    let head = server.head(chat).await.cseq;
    say(&server, chat, invented(chat, head + 1)).await;
    for _ in 0..2 {
        change_silently(&bus, &server, &alice, chat).await;
    }
    loop {
        let Message::Text(text) = socket.message().await else { panic!("not a text") };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        if frame["type"] == "dirty" {
            break assert_eq!(frame["chats"][chat.to_string()]["cseq"], head + 2);
        }
    }
}
