//! What one sends one has read, also when the process that wrote it ends before it has told the database.

use petit_domain::{ChatId, UserId};

use crate::{findings::plain::Plain, support, writers};

const SENT: i64 = 40;

/// One after the other, faster than their markers are written.
async fn send(opened: &petit_store_scylla::Opened, chat: ChatId, author: UserId) {
    for number in 0..SENT {
        writers::say(&opened.store, chat, author, &format!("quick-{number}")).await;
    }
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn who_is_told_by_the_process_that_wrote_is_told_the_same_by_others() {
    let settings = support::settings();
    let (one, two) = (support::open(&settings).await, support::open(&settings).await);
    let (chat, author) = (writers::chat(&one.store).await, writers::somebody());
    send(&one, chat, author).await;
    for store in [one.store, two.store] {
        assert_eq!(store.read_markers.get(chat, author).await.expect("reads"), SENT - 1);
    }
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn the_markers_of_senders_are_written_before_a_process_ends() {
    let (opened, plain) = (support::fresh().await, Plain::connect().await);
    let (chat, author) = (writers::chat(&opened.store).await, writers::somebody());
    send(&opened, chat, author).await;
    opened.handle.close().await;
    let read = "SELECT seq FROM read_markers WHERE chat_id = ? AND user_id = ?";
    let written = plain.rows::<(i64,)>(read, (chat.uuid(), author.uuid())).await;
    assert_eq!(written, [(SENT - 1,)]);
}

#[test]
#[ignore = "needs bin/cluster up"]
fn who_takes_a_chat_over_raises_the_markers_of_its_senders() {
    let (settings, author) = (support::settings(), writers::somebody());
    let killed = tokio::runtime::Runtime::new().expect("a runtime");
    let chat = killed.block_on(async {
        let one = support::open(&settings).await;
        let chat = writers::chat(&one.store).await;
        send(&one, chat, author).await;
        chat
    });
    killed.shutdown_background();
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let two = support::open(&settings).await;
        writers::say(&two.store, chat, writers::somebody(), "after-the-crash").await;
        assert_eq!(two.store.read_markers.get(chat, author).await.expect("reads"), SENT - 1);
    });
}
