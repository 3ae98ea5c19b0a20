#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, ReceiptState, Timestamp, UserId};

use super::world::{at, filled, made_chat, sent, text, user};
use crate::{Reached, STEPS_KEPT, Store};

fn to(delivered: i64, seen: i64, read: i64) -> Reached {
    Reached { delivered, seen, read }
}

async fn raise(store: &Store, chat: ChatId, user: UserId, reached: Reached, micros: i64) -> Option<Reached> {
    let risen = store.receipts.raise(chat, &[(user, reached)], Some(at(micros))).await.expect("raises");
    assert!(risen.iter().all(|(who, _)| *who == user) && risen.len() < 2, "{risen:?}");
    risen.first().map(|(_, now)| *now)
}

async fn reached(store: &Store, chat: ChatId, user: UserId) -> Reached {
    store.receipts.reached(chat, &[user]).await.expect("reads")[0]
}

async fn passed(
    store: &Store,
    chat: ChatId,
    user: UserId,
    seq: i64,
    state: ReceiptState,
) -> Option<Timestamp> {
    store.receipts.passed(chat, seq, state, &[user]).await.expect("reads")[0]
}

pub async fn nobody_has_anything_at_first(store: Store) {
    let chat = filled(&store, 3).await;
    assert_eq!(reached(&store, chat, user()).await, Reached::NOTHING);
    assert_eq!(store.receipts.reached(chat, &[]).await.expect("reads"), []);
    assert_eq!(raise(&store, chat, user(), Reached::NOTHING, 1).await, None);
    for state in ReceiptState::ALL {
        assert_eq!(passed(&store, chat, user(), 0, state).await, None);
    }
}

pub async fn numbers_never_fall(store: Store) {
    let (chat, ada) = (filled(&store, 9).await, user());
    assert_eq!(raise(&store, chat, ada, to(5, 3, -1), 1).await, Some(to(5, 3, -1)));
    assert_eq!(raise(&store, chat, ada, to(2, 4, -1), 2).await, Some(to(5, 4, -1)), "each by itself");
    assert_eq!(raise(&store, chat, ada, to(8, 0, -1), 3).await, Some(to(8, 4, -1)));
    assert_eq!(reached(&store, chat, ada).await, to(8, 4, -1));
}

pub async fn what_is_read_was_seen_and_delivered(store: Store) {
    let (chat, ada, bo) = (filled(&store, 9).await, user(), user());
    assert_eq!(raise(&store, chat, ada, to(-1, -1, 6), 1).await, Some(to(6, 6, 6)));
    assert_eq!(raise(&store, chat, bo, to(2, 7, -1), 1).await, Some(to(7, 7, -1)));
    assert_eq!(reached(&store, chat, ada).await, to(6, 6, 6));
    assert_eq!(reached(&store, chat, bo).await, to(7, 7, -1));
    assert_eq!(passed(&store, chat, ada, 6, ReceiptState::Delivered).await, Some(at(1)));
}

pub async fn only_what_rises_is_answered(store: Store) {
    let (chat, ada, bo) = (filled(&store, 9).await, user(), user());
    raise(&store, chat, ada, to(5, 5, 5), 1).await;
    assert_eq!(raise(&store, chat, ada, to(5, 5, 5), 2).await, None, "repeated");
    assert_eq!(raise(&store, chat, ada, to(4, 2, -1), 3).await, None, "late");
    let raises = [(ada, to(3, 3, -1)), (bo, to(3, 1, -1))];
    let risen = store.receipts.raise(chat, &raises, Some(at(4))).await.expect("raises");
    assert_eq!(risen, [(bo, to(3, 1, -1))]);
    assert_eq!(passed(&store, chat, ada, 5, ReceiptState::Seen).await, Some(at(1)), "the first time stays");
}

pub async fn the_highest_counts_in_any_order(store: Store) {
    let (chat, ada) = (filled(&store, 50).await, user());
    let raises = (0..50).map(|n| {
        let store = store.clone();
        let to = to((n * 37) % 50, (n * 23) % 40, -1);
        tokio::spawn(async move { raise(&store, chat, ada, to, n).await })
    });
    for one in raises.collect::<Vec<_>>() {
        one.await.expect("ends well");
    }
    assert_eq!(reached(&store, chat, ada).await, to(49, 39, -1));
}

pub async fn who_marks_or_writes_has_read(store: Store) {
    let (chat, ada, bo) = (filled(&store, 9).await, user(), user());
    store.read_markers.mark(chat, ada, 4).await.expect("marks");
    assert_eq!(reached(&store, chat, ada).await, to(4, 4, 4));
    raise(&store, chat, ada, to(8, 2, -1), 1).await;
    assert_eq!(reached(&store, chat, ada).await, to(8, 4, 4), "the higher one of each");
    let seq = sent(&store, chat, text(bo, "own", "x")).await.seq;
    store.read_markers.get(chat, bo).await.expect("reads");
    assert_eq!(reached(&store, chat, bo).await, to(seq, seq, seq));
}

pub async fn it_is_kept_when_each_number_rose(store: Store) {
    let (chat, ada) = (filled(&store, 20).await, user());
    raise(&store, chat, ada, to(3, -1, -1), 10).await;
    raise(&store, chat, ada, to(9, 5, -1), 20).await;
    raise(&store, chat, ada, to(9, 9, 9), 30).await;
    let when = async |seq| {
        let mut times = Vec::new();
        for state in ReceiptState::ALL {
            times.push(passed(&store, chat, ada, seq, state).await.map(Timestamp::micros));
        }
        times
    };
    let micros = |n: i64| Some(at(n).micros());
    for (seq, wanted) in [
        (0, [micros(10), micros(20), micros(30)]),
        (3, [micros(10), micros(20), micros(30)]),
        (4, [micros(20), micros(20), micros(30)]),
        (6, [micros(20), micros(30), micros(30)]),
        (9, [micros(20), micros(30), micros(30)]),
        (10, [None; 3]),
    ] {
        assert_eq!(when(seq).await, wanted, "{seq}");
    }
}

pub async fn the_newest_steps_are_kept(store: Store) {
    let (steps, ada) = (STEPS_KEPT as i64 + 30, user());
    let chat = filled(&store, steps).await;
    for seq in 0..steps {
        raise(&store, chat, ada, to(seq, -1, -1), seq).await;
    }
    for seq in (steps - STEPS_KEPT as i64..steps).step_by(13) {
        assert_eq!(passed(&store, chat, ada, seq, ReceiptState::Delivered).await, Some(at(seq)));
    }
    // What is not kept is not known: no later step stands for it.
    for seq in 0..steps - STEPS_KEPT as i64 {
        let found = passed(&store, chat, ada, seq, ReceiptState::Delivered).await;
        assert!(found.is_none_or(|found| found == at(seq)), "{found:?} for {seq}");
    }
}

pub async fn without_a_time_none_is_kept(store: Store) {
    let (chat, ada) = (filled(&store, 9).await, user());
    store.receipts.raise(chat, &[(ada, to(4, 4, -1))], None).await.expect("raises");
    assert_eq!(reached(&store, chat, ada).await, to(4, 4, -1));
    assert_eq!(passed(&store, chat, ada, 4, ReceiptState::Seen).await, None);
    raise(&store, chat, ada, to(6, 6, -1), 7).await;
    assert_eq!(passed(&store, chat, ada, 4, ReceiptState::Seen).await, None, "it was before that");
    assert_eq!(passed(&store, chat, ada, 5, ReceiptState::Seen).await, Some(at(7)));
}

pub async fn they_belong_to_one_person_and_one_chat(store: Store) {
    let (chat, other, ada, bo) = (filled(&store, 5).await, made_chat(&store).await, user(), user());
    raise(&store, chat, ada, to(4, 4, 4), 1).await;
    assert_eq!(reached(&store, chat, bo).await, Reached::NOTHING);
    assert_eq!(reached(&store, other, ada).await, Reached::NOTHING);
    assert_eq!(passed(&store, other, ada, 0, ReceiptState::Seen).await, None);
    assert_eq!(passed(&store, chat, bo, 0, ReceiptState::Seen).await, None);
}

pub async fn many_are_asked_and_raised_at_once(store: Store) {
    let chat = filled(&store, 5).await;
    let users: Vec<UserId> = (0..350).map(|_| user()).collect();
    let raises: Vec<_> =
        users.iter().enumerate().map(|(n, user)| (*user, to(n as i64 % 5, -1, -1))).collect();
    let risen = store.receipts.raise(chat, &raises, Some(at(1))).await.expect("raises");
    assert_eq!(risen.len(), users.len());
    let asked: Vec<UserId> = users.iter().rev().copied().chain([user()]).collect();
    let found = store.receipts.reached(chat, &asked).await.expect("reads");
    let wanted = raises.iter().rev().map(|(_, to)| *to).chain([Reached::NOTHING]);
    assert_eq!(found, wanted.collect::<Vec<_>>(), "in the order of the question");
}
