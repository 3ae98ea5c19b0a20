use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use petit_ports::{PageAt, Store};
use tokio::task::JoinSet;

use crate::world::{World, send};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn equal_pages_of_a_quiet_chat_are_read_at_most_three_times() {
    let world = World::new();
    let (quiet, busy) = (world.chat().await, world.chat().await);
    for n in 0..60 {
        send(&world.store, quiet, &format!("number {n}")).await.expect("sent");
    }
    let before = world.handle.counters().page_reads;
    let mut readers = JoinSet::new();
    for _ in 0..8 {
        let store = world.store.clone();
        readers.spawn(async move {
            for _ in 0..125 {
                let page = store.log.page(quiet, PageAt::Newest, 50).await.expect("a page");
                assert_eq!((page.len(), page[49].seq), (50, 59));
                tokio::task::yield_now().await;
            }
        });
    }
    for n in 0..50 {
        send(&world.store, busy, &format!("number {n}")).await.expect("sent");
    }
    readers.join_all().await;
    let reads = world.handle.counters().page_reads - before;
    assert!((1..=3).contains(&reads), "{reads} reads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_shown_a_page_from_before_an_answered_write() {
    let world = World::new();
    let chat = world.chat().await;
    let (answered, ended) = (Arc::new(AtomicI64::new(-1)), Arc::new(AtomicBool::new(false)));
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        let (store, answered, ended) = (world.store.clone(), answered.clone(), ended.clone());
        readers.spawn(async move {
            while !ended.load(Ordering::Acquire) {
                look(&store, chat, answered.load(Ordering::Acquire)).await;
                tokio::task::yield_now().await;
            }
        });
    }
    for n in 0..500 {
        let message = send(&world.store, chat, &format!("number {n}")).await.expect("sent");
        answered.store(message.seq, Ordering::Release);
    }
    ended.store(true, Ordering::Release);
    readers.join_all().await;
}

/// Looks at the newest page, which holds at least what was answered before.
async fn look(store: &Store, chat: petit_domain::ChatId, answered: i64) {
    let page = store.log.page(chat, PageAt::Newest, 10).await.expect("a page");
    let newest = page.last().map_or(-1, |message| message.seq);
    assert!(newest >= answered, "{newest} is shown, {answered} was answered");
}
