//! Cassandra goes away and comes back under an open store.

use std::time::Duration;

use futures_util::future::join_all;
use petit_domain::ChatId;
use petit_ports::{Store, StoreError};
use petit_store_scylla::{Opened, Settings};
use tokio::time::{Instant, timeout};

use crate::{door::Door, support, writers};

/// A tenth of what a sequencer lets people wait.
const AT_ONCE: Duration = Duration::from_millis(500);
/// For things that take a second or two on a machine at rest.
const SOON: Duration = Duration::from_secs(30);
const REQUESTS: usize = 200;

async fn through(door: &Door) -> Opened {
    let settings = Settings { nodes: vec![door.address.clone()], ..support::settings() };
    support::open(&settings).await
}

fn is_unavailable<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

/// How many statements were tried for requests that were all refused: first for those that have to be made
/// known to the engine because they were never used, then for others.
async fn refused_reads(opened: &Opened, chat: ChatId) -> u64 {
    let (log, before) = (&opened.store.log, opened.handle.counters().statements);
    let unused = join_all((0..REQUESTS).map(async |_| is_unavailable(log.get(chat, 0).await))).await;
    let used = join_all((0..REQUESTS).map(async |_| is_unavailable(log.head(chat).await))).await;
    assert!(unused.iter().chain(&used).all(|is_refused| *is_refused), "nobody is there who could answer");
    opened.handle.counters().statements - before
}

/// In the first second a sequencer still hopes that it was a mere interruption.
async fn writes_are_refused_at_once(store: &Store, chat: ChatId) {
    let author = writers::somebody();
    loop {
        let begun = Instant::now();
        let write = writers::append(store, chat, author, "during").await;
        assert!(is_unavailable(write), "nobody could take it");
        if begun.elapsed() < AT_ONCE {
            return;
        }
    }
}

/// Tries a write until it is taken.
async fn works_again(store: &Store, chat: ChatId) {
    let author = writers::somebody();
    let tries = async {
        while writers::append(store, chat, author, "after").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, tries).await.expect("the same store works again");
    let log = writers::log(store, chat).await;
    let names: Vec<&str> = log.iter().map(|message| message.client_id.as_str()).collect();
    assert_eq!(names, ["before", "after"], "what was refused did not happen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn an_outage_is_refused_at_once_and_ends_by_itself() {
    let door = Door::to(support::cluster("CASSANDRA")).await;
    let opened = through(&door).await;
    let chat = writers::chat(&opened.store).await;
    writers::say(&opened.store, chat, writers::somebody(), "before").await;

    door.shut();
    let breaks = async { while !is_unavailable(opened.store.log.get(chat, 0).await) {} };
    timeout(SOON, breaks).await.expect("the outage is noticed");
    let begun = Instant::now();
    let sent = refused_reads(&opened, chat).await;
    println!("shut: {REQUESTS} reads of two kinds refused in {:?}, {sent} statements tried", begun.elapsed());
    assert!(sent < REQUESTS as u64 / 10, "the breaker lets probes through only: {sent}");
    timeout(SOON, writes_are_refused_at_once(&opened.store, chat)).await.expect("a sequencer gives up");

    door.open();
    works_again(&opened.store, chat).await;
}

/// A stopped process keeps its connections, and the driver alone would wait for it for ever wherever a
/// statement is used for the first time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn a_frozen_engine_is_not_waited_for() {
    let door = Door::to(support::cluster("CASSANDRA")).await;
    let opened = through(&door).await;
    let chat = writers::chat(&opened.store).await;
    writers::say(&opened.store, chat, writers::somebody(), "before").await;

    door.freeze(true);
    let first = timeout(SOON, refused_reads(&opened, chat)).await;
    first.expect("all are given up after a statement's time");
    let sent = timeout(SOON, refused_reads(&opened, chat)).await.expect("so is a probe");
    println!("frozen: {REQUESTS} reads of two kinds refused, {sent} statements tried");
    assert!(sent < REQUESTS as u64 / 10, "the breaker lets probes through only: {sent}");

    door.freeze(false);
    works_again(&opened.store, chat).await;
}
