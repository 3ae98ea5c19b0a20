#![expect(missing_docs, reason = "the names of laws are sentences")]

use futures_util::future::join_all;
use petit_domain::{ChatId, MOST_PINS, Message};

use super::world::{at, delete, edit, filled, made_chat, revise, user};
use crate::{Change, Pin, Pinned, Revision, Store, Why, Written};

fn pin(seq: i64, micros: i64) -> Pin {
    Pin { seq, by: user(), at: at(micros) }
}

async fn add(store: &Store, chat: ChatId, pin: &Pin) -> Pinned {
    store.pins.add(chat, pin).await.expect("adds")
}

async fn remove(store: &Store, chat: ChatId, seq: i64) -> Change {
    store.pins.remove(chat, seq).await.expect("removes")
}

async fn all(store: &Store, chat: ChatId) -> Vec<Pin> {
    store.pins.list(chat).await.expect("lists")
}

async fn shown(store: &Store, chat: ChatId) -> Message {
    store.log.get(chat, 0).await.expect("reads").expect("is there")
}

async fn tell(store: &Store, chat: ChatId) -> Written {
    revise(store, chat, 0, Revision::Pin).await
}

pub async fn repeating_changes_nothing(store: Store) {
    let chat = filled(&store, 1).await;
    let first = pin(0, 1);
    assert_eq!(add(&store, chat, &first).await, Pinned::Done);
    assert_eq!(add(&store, chat, &pin(0, 2)).await, Pinned::AlreadySo);
    assert_eq!(all(&store, chat).await, [first], "the first one stays");
    assert!(store.pins.is_pinned(chat, 0).await.expect("reads"));
    assert_eq!(remove(&store, chat, 0).await, Change::Done);
    assert_eq!(remove(&store, chat, 0).await, Change::AlreadySo);
    assert_eq!(remove(&store, chat, 9).await, Change::AlreadySo, "never pinned");
    assert!(all(&store, chat).await.is_empty() && !store.pins.is_pinned(chat, 0).await.expect("reads"));
    let again = pin(0, 3);
    assert_eq!(add(&store, chat, &again).await, Pinned::Done);
    assert_eq!(all(&store, chat).await, [again]);
}

pub async fn the_newest_comes_first(store: Store) {
    let (chat, other) = (filled(&store, 1).await, made_chat(&store).await);
    let pins = [pin(3, 5), pin(7, 2), pin(1, 9), pin(4, 2)];
    for one in &pins {
        assert_eq!(add(&store, chat, one).await, Pinned::Done);
    }
    assert_eq!(all(&store, chat).await, [pins[2], pins[0], pins[1], pins[3]]);
    assert!(all(&store, other).await.is_empty(), "each chat has its own");
}

pub async fn no_chat_has_more_than_may_be(store: Store) {
    let chat = made_chat(&store).await;
    let pins: Vec<Pin> = (0..MOST_PINS as i64 + 8).map(|seq| pin(seq, seq)).collect();
    let answers = join_all(pins.iter().map(|one| add(&store, chat, one))).await;
    let done = answers.iter().filter(|answer| **answer == Pinned::Done).count();
    let refused = answers.iter().filter(|answer| **answer == Pinned::TooMany).count();
    assert_eq!((done, refused), (MOST_PINS, 8));
    let pinned = all(&store, chat).await;
    assert_eq!(pinned.len(), MOST_PINS);
    assert_eq!(add(&store, chat, &pinned[50]).await, Pinned::AlreadySo, "a repeat is none too many");
    assert_eq!(remove(&store, chat, pinned[0].seq).await, Change::Done);
    assert_eq!(add(&store, chat, &pin(900, 900)).await, Pinned::Done, "there is room again");
    assert_eq!(add(&store, chat, &pin(901, 901)).await, Pinned::TooMany);
}

pub async fn of_many_who_pin_one_message_one_does(store: Store) {
    let chat = filled(&store, 1).await;
    let answers = join_all((0..8).map(async |n| add(&store, chat, &pin(0, n)).await)).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Pinned::Done).count(), 1, "{answers:?}");
    assert_eq!(all(&store, chat).await.len(), 1);
}

pub async fn a_message_says_so_as_of_a_change_that_is_no_edit(store: Store) {
    let chat = filled(&store, 1).await;
    let Written::Revised(edited) = edit(&store, chat, 0, "other").await else { panic!("an edit") };
    add(&store, chat, &pin(0, 1)).await;
    assert!(!shown(&store, chat).await.pinned, "not before it is numbered");
    let Written::Revised(told) = tell(&store, chat).await else { panic!("there is something to tell") };
    assert_eq!(told, Message { cseq: 1, pinned: true, ..edited });
    assert_eq!(told, shown(&store, chat).await);
    assert_eq!(tell(&store, chat).await, Written::AlreadySo(told), "twice is once");
    assert_eq!(store.log.history(chat, 0, 9).await.expect("reads").len(), 1, "of the edit alone");
    let Written::Revised(edited) = edit(&store, chat, 0, "third").await else { panic!("an edit") };
    assert!(edited.pinned && shown(&store, chat).await.pinned, "an edit keeps it");
    let Written::AlreadySo(same) = revise(&store, chat, 0, Revision::Reactions).await else {
        panic!("nobody reacted")
    };
    assert!(same.pinned);
    remove(&store, chat, 0).await;
    let Written::Revised(bare) = tell(&store, chat).await else { panic!("there is something to tell") };
    assert_eq!(bare, Message { cseq: 3, pinned: false, ..edited });
    assert_eq!(bare, shown(&store, chat).await);
}

pub async fn it_is_gone_with_the_message(store: Store) {
    let chat = filled(&store, 1).await;
    add(&store, chat, &pin(0, 1)).await;
    tell(&store, chat).await;
    let Written::Revised(stub) = delete(&store, chat, 0).await else { panic!("a deletion") };
    assert!(!stub.pinned && !shown(&store, chat).await.pinned);
    assert_eq!(tell(&store, chat).await, Written::Refused(Why::Deleted));
    assert_eq!(all(&store, chat).await.len(), 1, "the pin is taken away by whoever deletes");
}
