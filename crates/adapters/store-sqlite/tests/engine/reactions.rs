use petit_domain::{ChatId, Emoji, UserId};
use petit_ports::{
    Clock, PageAt, Random, ReactionRecord, Revision, Store, StoreError, SystemClock, SystemRandom, Wish,
    Written,
};

use crate::world::{World, send};

async fn react(store: &Store, chat: ChatId, seq: i64) {
    let user = UserId::mint(SystemClock.now(), SystemRandom.next_u64());
    let new = ReactionRecord { emoji: Emoji::stored("👍"), user, at: SystemClock.now(), shown: None };
    store.reactions.add(chat, seq, &new).await.expect("adds");
    let wish = Wish::Revise {
        seq,
        if_cseq: None,
        revision: Revision::Reactions,
        actor: user,
        at: SystemClock.now(),
    };
    let told = store.log_writer.write(chat, wish).await.expect("tells");
    assert!(matches!(told, Written::Revised(_)), "{told:?}");
}

#[tokio::test]
async fn a_message_that_was_revised_takes_its_place_in_the_pages_that_are_kept() {
    let world = World::new();
    let chat = world.chat().await;
    for n in 0..60 {
        send(&world.store, chat, &format!("number {n}")).await.expect("sent");
    }
    let newest = async || world.store.log.page(chat, PageAt::Newest, 50).await.expect("a page");
    let page_before = async || world.store.log.page(chat, PageAt::Before(20), 5).await.expect("a page");
    for _ in 0..2 {
        newest().await;
        page_before().await;
    }
    let reads = world.handle.counters().page_reads;
    for count in 1..=20 {
        react(&world.store, chat, 40).await;
        assert_eq!(newest().await[30].reactions[0].count, count);
        assert!(page_before().await.iter().all(|message| message.reactions.is_empty()));
    }
    assert_eq!(world.handle.counters().page_reads, reads, "nothing was read from the file");
    send(&world.store, chat, "another").await.expect("sent");
    assert_eq!(newest().await.last().map(|message| message.seq), Some(60));
}

#[tokio::test]
async fn counts_that_are_not_those_of_their_sets_are_found() {
    let world = World::new();
    let chat = world.chat().await;
    send(&world.store, chat, "hello").await.expect("sent");
    for _ in 0..3 {
        react(&world.store, chat, 0).await;
    }
    world.handle.integrity_check().await.expect("all is well");
    let rows = rusqlite::Connection::open(world.path()).expect("the file is there");
    for damage in [
        "UPDATE reaction_summaries SET summary = replace(summary, '\"count\":3', '\"count\":4')",
        "DELETE FROM reactions",
    ] {
        rows.execute_batch(damage).expect("is damaged");
        let found = world.handle.integrity_check().await;
        assert!(matches!(found, Err(StoreError::Inconsistent(_))), "{damage}: {found:?}");
    }
}
