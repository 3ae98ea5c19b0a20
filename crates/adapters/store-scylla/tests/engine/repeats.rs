//! A process that takes over a chat with a past: at first it asks the index of sent messages about everything,
//! then it has read all of it and asks no more. Either way nothing that was sent before is written again.

use futures_util::future::join_all;
use petit_domain::{ChatId, UserId};
use petit_ports::{Appended, Store};

use crate::{support, writers};

const BEFORE: usize = 300;
const AFTER: usize = 60;

async fn repeat(store: &Store, chat: ChatId, author: UserId, name: &str) -> i64 {
    match store.log.append(chat, writers::message(author, name)).await.expect("answers") {
        Appended::Repeated(message) => message.seq,
        other => panic!("{name} was sent before: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn what_was_sent_before_a_take_over_is_not_written_again() {
    let settings = support::settings();
    let (one, two) = (support::open(&settings).await, support::open(&settings).await);
    let (chat, author) = (writers::chat(&one.store).await, writers::somebody());
    let names: Vec<String> = (0..BEFORE + AFTER).map(|number| format!("message-{number}")).collect();
    let (before, after) = names.split_at(BEFORE);
    let said = join_all(before.iter().map(|name| writers::say(&one.store, chat, author, name))).await;
    let mut sent: Vec<i64> = said.into_iter().map(|message| message.seq).collect();
    assert_eq!(repeat(&two.store, chat, author, &before[0]).await, sent[0], "only the index knows it");
    let mut statements = Vec::new();
    for name in after {
        let counted = two.handle.counters().statements;
        sent.push(writers::say(&two.store, chat, author, name).await.seq);
        statements.push(two.handle.counters().statements - counted);
    }
    let (early, late) = (statements[1], statements[AFTER - 1]);
    assert_eq!((early, late), (3, 2), "a question, the batch and the rows; then no question: {statements:?}");
    for (name, seq) in names.iter().zip(sent) {
        assert_eq!(repeat(&two.store, chat, author, name).await, seq, "{name}");
    }
    assert_eq!(writers::log(&one.store, chat).await.len(), BEFORE + AFTER);
}
