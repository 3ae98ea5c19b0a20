//! What is unread where the log is long, and beside a version that does not count.

use petit_domain::{ChatId, MessageKind, UserId};
use petit_ports::{NewMessage, Revision, Store, Wish, Written};

use crate::{
    findings::plain::Plain,
    older::{COUNT, long_log, revise},
    support, writers,
};

/// 2020-01-01, from where markers count their write times.
const ORIGIN: i64 = 1_577_836_800_000_000;

async fn unread(store: &Store, chat: ChatId, user: UserId) -> i64 {
    store.read_markers.unread(chat, user).await.expect("reads").expect("a chat").unread
}

async fn line(store: &Store, chat: ChatId, name: &str) {
    let said = writers::message(writers::somebody(), name);
    let line = NewMessage { kind: MessageKind::MemberJoined, marks_read: false, ..said };
    let written = store.log_writer.write(chat, Wish::Append(line)).await.expect("takes it");
    assert!(matches!(written, Written::New(_)), "{written:?}");
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn what_is_deleted_in_an_older_part_is_not_unread() {
    let (opened, chat) = long_log().await;
    let (store, reader) = (&opened.store, writers::somebody());
    assert_eq!(unread(store, chat, reader).await, COUNT, "what is taken in is counted");
    for seq in [3, 5, COUNT - 1] {
        let deleted = revise(store, chat, seq, -1, Revision::Delete).await;
        assert!(matches!(deleted, Written::Revised(_)), "{deleted:?}");
    }
    assert_eq!(unread(store, chat, reader).await, COUNT - 3);
    store.read_markers.mark(chat, reader, 3).await.expect("marks");
    assert_eq!(unread(store, chat, reader).await, COUNT - 4 - 2);
    store.read_markers.mark(chat, reader, COUNT - 2).await.expect("marks");
    assert_eq!(unread(store, chat, reader).await, 0);
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_log_that_goes_on_in_a_next_part_goes_on_counting() {
    let opened = support::fresh().await;
    let (store, reader) = (&opened.store, writers::somebody());
    let chat = writers::chat(store).await;
    line(store, chat, "first").await;
    for group in 0..64 {
        let names: Vec<String> = (0..64).map(|n| format!("{group}-{n}")).collect();
        let says = names.iter().map(|name| writers::say(store, chat, writers::somebody(), name));
        futures_util::future::join_all(says).await;
    }
    line(store, chat, "last").await;
    let head = store.log.head(chat).await.expect("reads").expect("a chat").seq;
    assert_eq!(head, 4_097, "the premise: it is in a second part");
    assert_eq!(unread(store, chat, reader).await, 4_096);
    store.read_markers.mark(chat, reader, 4_095).await.expect("marks");
    assert_eq!(unread(store, chat, reader).await, 1);
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn where_an_older_version_wrote_everything_counts_and_never_too_little() {
    let (opened, plain) = (support::fresh().await, Plain::connect().await);
    let (store, reader) = (&opened.store, writers::somebody());
    let chat = writers::chat(store).await;
    for name in ["a", "b", "c"] {
        writers::say(store, chat, writers::somebody(), name).await;
        line(store, chat, &format!("line-{name}")).await;
    }
    store.read_markers.mark(chat, reader, 1).await.expect("marks");
    assert_eq!(unread(store, chat, reader).await, 2);
    // It moves the marker alone.
    let mark = "UPDATE read_markers USING TIMESTAMP ? SET seq = ? WHERE chat_id = ? AND user_id = ?";
    plain.run(mark, (ORIGIN + 3, 3_i64, chat.uuid(), reader.uuid())).await;
    assert_eq!(unread(store, chat, reader).await, 1, "the message says what the marker does not");
    // And writes messages that say nothing.
    let forget =
        "UPDATE chat_log SET uncounted = null WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = 3";
    plain.run(forget, (chat.uuid(),)).await;
    assert_eq!(unread(store, chat, reader).await, 2, "everything above it counts, as before");
    store.read_markers.mark(chat, reader, 4).await.expect("marks");
    assert_eq!(unread(store, chat, reader).await, 0);
}
