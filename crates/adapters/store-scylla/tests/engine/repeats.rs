//! A process that takes over a chat with a past: nothing that was sent before is written again, and what is new
//! costs one statement.

use futures_util::future::join_all;
use petit_domain::{ChatId, ClientId, Message, MessageId, MessageKind, Parts, Timestamp, UserId};
use petit_ports::{Store, Written};

use crate::{findings::plain::Plain, support, writers};

async fn repeat(store: &Store, chat: ChatId, author: UserId, name: &str) -> i64 {
    match writers::append(store, chat, author, name).await.expect("answers") {
        Written::Repeated(message) => message.seq,
        other => panic!("{name} was sent before: {other:?}"),
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("message-{number}")).collect()
}

async fn say_all(store: &Store, chat: ChatId, author: UserId, names: &[String]) -> Vec<i64> {
    let said = join_all(names.iter().map(|name| writers::say(store, chat, author, name))).await;
    said.into_iter().map(|message| message.seq).collect()
}

/// More than two packs of names, and more above their mark.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn what_was_sent_before_a_take_over_is_not_written_again() {
    let settings = support::settings();
    let (one, two) = (support::open(&settings).await, support::open(&settings).await);
    let (chat, author, names) = (writers::chat(&one.store).await, writers::somebody(), names(700));
    let (before, after) = names.split_at(600);
    let mut sent = say_all(&one.store, chat, author, before).await;
    assert_eq!(repeat(&two.store, chat, author, &before[0]).await, sent[0], "only the index knows it");
    let stranger = writers::say(&two.store, chat, writers::somebody(), &before[0]).await.seq;
    let counted = two.handle.counters().statements;
    for name in after {
        sent.push(writers::say(&two.store, chat, author, name).await.seq);
    }
    let each = (two.handle.counters().statements - counted) as f64 / after.len() as f64;
    assert!(each < 1.2, "a batch for each, and now and then the sender's marker: {each}");
    for (name, seq) in names.iter().zip(sent) {
        assert_eq!(repeat(&two.store, chat, author, name).await, seq, "{name}");
    }
    assert_eq!(stranger, 600, "the same name of somebody else is another message");
    assert_eq!(writers::log(&one.store, chat).await.len(), names.len() + 1);
}

/// Protects the promise against a row that got lost: the log has what the index lacks.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_lost_pack_of_names_is_made_again_from_the_log() {
    let settings = support::settings();
    let (one, two) = (support::open(&settings).await, support::open(&settings).await);
    let (chat, author, names) = (writers::chat(&one.store).await, writers::somebody(), names(600));
    let sent = say_all(&one.store, chat, author, &names).await;
    let (plain, packs) = (Plain::connect().await, "SELECT n FROM sent WHERE chat_id = ? AND slot = -1");
    assert_eq!(plain.rows::<(i64,)>(packs, (chat.uuid(),)).await, [(0,), (1,)], "the premise");
    plain.run("DELETE FROM sent WHERE chat_id = ? AND slot = -1 AND n = 1", (chat.uuid(),)).await;
    for (name, seq) in names.iter().zip(sent) {
        assert_eq!(repeat(&two.store, chat, author, name).await, seq, "{name}");
    }
    assert_eq!(plain.rows::<(i64,)>(packs, (chat.uuid(),)).await, [(0,), (1,)]);
}

const ERA: i64 = 65_536;

/// Longer than an era, whose names are merged.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn what_was_sent_long_ago_is_not_written_again() {
    let opened = support::fresh().await;
    let (chat, author) = (writers::chat(&opened.store).await, writers::somebody());
    let old: Vec<Message> = (0..ERA + 300).map(|seq| message(chat, author, seq)).collect();
    opened.handle.import_messages(chat, &old).await.expect("takes them in");
    let slots = "SELECT merged FROM sent WHERE chat_id = ? AND slot = -1 LIMIT 1";
    assert_eq!(Plain::connect().await.rows::<(i64,)>(slots, (chat.uuid(),)).await, [(1,)], "the premise");
    for seq in [0, 1, 4_095, 40_000, ERA - 1, ERA, ERA + 255, ERA + 299] {
        assert_eq!(repeat(&opened.store, chat, author, &format!("old-{seq}")).await, seq);
    }
    let new = say_all(&opened.store, chat, author, &names(40)).await;
    assert_eq!(new.into_iter().max(), Some(ERA + 339));
}

fn message(chat: ChatId, author: UserId, seq: i64) -> Message {
    let at = Timestamp::from_micros(1_700_000_000_000_000 + seq);
    Message {
        id: MessageId::mint(at, seq as u64),
        chat,
        seq,
        cseq: 0,
        author,
        kind: MessageKind::Text,
        text: "long ago".into(),
        client_id: ClientId::try_from(format!("old-{seq}")).expect("a name"),
        created_at: at,
        edited_at: None,
        deleted: false,
        counted: Some(seq + 1),
        is_cut: false,
        pinned: false,
        reactions: petit_domain::Reactions::default(),
        reply_to: None,
        subject: None,
        parts: Parts::default(),
    }
}
