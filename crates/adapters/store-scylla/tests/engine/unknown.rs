//! Two sequencers of one chat whose batches are answered to nobody, or arrive late; people who repeat what was
//! not answered, now here, now there. Protects the rule that an unknown outcome is looked up and never assumed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use petit_domain::{ChatId, UserId};
use petit_ports::{Store, StoreError, Written};
use petit_store_scylla::{Opened, Settings};
use tokio::time::timeout;

use crate::{door::Door, support, writers};

const SENDERS: usize = 8;
const EACH: usize = 50;
/// Shorter than the store's own patience, so that a message often waits at both sequencers at once.
const PATIENCE: Duration = Duration::from_millis(200);
const WHOLE: Duration = Duration::from_secs(180);

struct Side {
    door: Arc<Door>,
    opened: Opened,
}

impl Side {
    async fn open(settings: &Settings) -> Self {
        let door = Door::to(support::cluster("CASSANDRA")).await;
        let settings = Settings { nodes: vec![door.address.clone()], ..settings.clone() };
        Self { opened: support::open(&settings).await, door }
    }

    fn misbehave(&self, swallowed: usize, late: usize) {
        self.door.swallowed.each(swallowed);
        self.door.late.each(late);
    }
}

/// What a message got: its number, and how often it had to be repeated.
type Answered = (String, (UserId, i64, usize));

/// Sends until somebody answers, taking turns.
async fn send_surely(stores: &[Store], chat: ChatId, author: UserId, name: String, first: usize) -> Answered {
    for repeated in 0.. {
        let store = &stores[(first + repeated) % stores.len()];
        match timeout(PATIENCE, writers::append(store, chat, author, &name)).await {
            Ok(Ok(Written::New(message) | Written::Repeated(message))) => {
                return (name, (author, message.seq, repeated));
            }
            Ok(Err(StoreError::Unavailable(_))) | Err(_) => {}
            Ok(other) => panic!("{name}: {other:?}"),
        }
    }
    unreachable!("nobody repeats that often")
}

async fn sender(stores: Vec<Store>, chat: ChatId, number: usize) -> Vec<Answered> {
    let author = writers::somebody();
    let mut answered = Vec::new();
    for message in 0..EACH {
        answered
            .push(send_surely(&stores, chat, author, format!("{number}-{message}"), number + message).await);
    }
    answered
}

async fn everybody_sends(stores: &[Store], chat: ChatId) -> HashMap<String, (UserId, i64, usize)> {
    let senders = (0..SENDERS).map(|number| tokio::spawn(sender(stores.to_vec(), chat, number)));
    let answered = timeout(WHOLE, join_all(senders)).await.expect("everybody is answered in time");
    answered.into_iter().flat_map(|sender| sender.expect("ends well")).collect()
}

/// Nothing lost, nothing doubled, no gap, and everybody was told the truth.
async fn check(store: &Store, chat: ChatId, answered: &HashMap<String, (UserId, i64, usize)>) {
    let log = writers::log(store, chat).await;
    let numbers: Vec<i64> = log.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, (0..(SENDERS * EACH) as i64).collect::<Vec<_>>(), "dense, nothing doubled or lost");
    for message in &log {
        let (author, seq, _) = answered[message.client_id.as_str()];
        assert_eq!((author, seq), (message.author, message.seq), "{:?} was told another number", message);
    }
    let head = store.log.head(chat).await.expect("reads").expect("a chat");
    assert_eq!(head.seq, *numbers.last().expect("messages"));
}

/// Whoever repeats a message much later gets its number, wherever they ask.
async fn check_repeats(store: &Store, chat: ChatId, answered: &HashMap<String, (UserId, i64, usize)>) {
    for (name, (author, seq, _)) in answered {
        match writers::append(store, chat, *author, name).await.expect("answers") {
            Written::Repeated(message) => assert_eq!(message.seq, *seq, "{name}"),
            other => panic!("{name} was sent before: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn lost_and_late_batches_neither_lose_nor_double_a_message() {
    let settings = support::settings();
    let sides = [Side::open(&settings).await, Side::open(&settings).await];
    let stores: Vec<Store> = sides.iter().map(|side| side.opened.store.clone()).collect();
    let chat = writers::chat(&stores[0]).await;
    sides.iter().for_each(|side| side.misbehave(4, 7));
    let answered = everybody_sends(&stores, chat).await;
    sides.iter().for_each(|side| side.misbehave(0, 0));

    let unconcerned = support::open(&settings).await;
    check(&unconcerned.store, chat, &answered).await;
    check_repeats(&unconcerned.store, chat, &answered).await;
    let counters = sides.each_ref().map(|side| side.opened.handle.counters());
    let unknown: u64 = counters.iter().map(|counters| counters.unknown).sum();
    let lost_sets: u64 = counters.iter().map(|counters| counters.lost_sets).sum();
    let swallowed: usize = sides.iter().map(|side| side.door.swallowed.hits()).sum();
    let late: usize = sides.iter().map(|side| side.door.late.hits()).sum();
    let repeated: usize = answered.values().map(|(.., repeated)| repeated).sum();
    println!(
        "{} messages, {repeated} repeats; {unknown} batches with an unknown outcome: {swallowed} answers of \
         applied ones swallowed, {late} late; {lost_sets} batches lost against the other sequencer",
        answered.len(),
    );
    assert!(unknown > 0 && swallowed > 0 && late > 0, "the premise: some outcomes were unknown");
    assert!(lost_sets > 0, "the premise: both were sequencers of this chat");
}
