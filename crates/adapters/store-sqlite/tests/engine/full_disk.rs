use std::time::Duration;

use petit_domain::{ChatId, MessageText};
use petit_ports::{Clock, PageAt, Revision, StoreError, SystemClock, Wish, Written};
use petit_store_sqlite::Options;

use crate::world::{World, log, send, somebody};

const FOREVER: Duration = Duration::from_secs(24 * 3600);

fn small(probe_after: Duration) -> World {
    World::with(&Options { max_pages: Some(200), probe_after, ..Options::default() })
}

/// Sends long messages until the disk takes no more. Answers how many it took.
async fn fill(world: &World, chat: ChatId) -> i64 {
    let long = "x".repeat(MessageText::MAX_BYTES);
    for taken in 0..1_000 {
        match send(&world.store, chat, &long).await {
            Ok(_) => {}
            Err(StoreError::ReadOnly) => return taken,
            Err(other) => panic!("a full disk is {other:?}"),
        }
    }
    panic!("the disk is never full");
}

async fn delete(world: &World, chat: ChatId, seq: i64) -> Result<Written, StoreError> {
    let (revision, actor, at) = (Revision::Delete, somebody(), SystemClock.now());
    world.store.log_writer.write(chat, Wish::Revise { seq, if_cseq: None, revision, actor, at }).await
}

#[tokio::test]
async fn a_full_disk_refuses_writes_while_reads_go_on() {
    let world = small(FOREVER);
    let chat = world.chat().await;
    let taken = fill(&world, chat).await;
    assert!(taken > 10, "{taken} were taken");
    let newest = world.store.log.page(chat, PageAt::Newest, 1).await.expect("reads go on");
    assert_eq!(newest[0].seq, taken - 1);
    assert!(matches!(world.store.log.ready().await, Err(StoreError::ReadOnly)));
}

#[tokio::test]
async fn a_full_disk_is_left_alone_for_a_while() {
    let world = small(FOREVER);
    let chat = world.chat().await;
    fill(&world, chat).await;
    let refused = delete(&world, chat, 0).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
}

#[tokio::test]
async fn writing_resumes_without_a_gap_when_there_is_room() {
    let world = small(Duration::ZERO);
    let chat = world.chat().await;
    let taken = fill(&world, chat).await;
    for seq in 0..5 {
        delete(&world, chat, seq).await.expect("what makes room is taken");
    }
    let next = send(&world.store, chat, &"x".repeat(MessageText::MAX_BYTES)).await.expect("there is room");
    assert_eq!(next.seq, taken);
    world.store.log.ready().await.expect("it is ready again");
    let numbers: Vec<i64> = log(&world.store, chat).await.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, (0..=taken).collect::<Vec<_>>());
}
