#![expect(missing_docs, reason = "the names of laws are sentences")]

use futures_util::future::join_all;

use super::world::{at, chat, client_id, user};
use crate::{Store, Turn};

const SECOND: i64 = 1_000_000;

pub async fn they_come_after_their_time(store: Store) {
    let (here, ada) = (chat(), user());
    let take = async |id: &str, micros| {
        store.turns.take(here, ada, &client_id(id), at(micros), 10).await.expect("answers")
    };
    assert_eq!(take("a", 0).await, Turn::Taken);
    assert_eq!(take("b", SECOND).await, Turn::Wait(at(0)));
    assert_eq!(take("a", 2 * SECOND).await, Turn::Taken, "the same message again");
    assert_eq!(take("b", 10 * SECOND - 1).await, Turn::Wait(at(0)), "which took no turn of its own");
    assert_eq!(take("b", 10 * SECOND).await, Turn::Taken);
    assert_eq!(take("a", 11 * SECOND).await, Turn::Wait(at(10 * SECOND)));
    assert_eq!(take("c", 9 * SECOND).await, Turn::Wait(at(10 * SECOND)), "a clock that is behind");
}

pub async fn they_belong_to_one_person_and_one_chat(store: Store) {
    let (here, there, ada, bo) = (chat(), chat(), user(), user());
    for (chat, user) in [(here, ada), (here, bo), (there, ada)] {
        let taken = store.turns.take(chat, user, &client_id("a"), at(0), 60).await.expect("answers");
        assert_eq!(taken, Turn::Taken);
    }
}

pub async fn one_that_was_taken_far_ahead_counts_as_none(store: Store) {
    let (here, ada) = (chat(), user());
    let ahead = 24 * 3600 * SECOND;
    let take = async |id: &str, micros| {
        store.turns.take(here, ada, &client_id(id), at(micros), 10).await.expect("answers")
    };
    assert_eq!(take("a", ahead).await, Turn::Taken);
    assert_eq!(take("b", 0).await, Turn::Taken);
    assert_eq!(take("c", SECOND).await, Turn::Wait(at(0)));
}

pub async fn of_many_who_take_one_at_once_one_does(store: Store) {
    let (here, ada) = (chat(), user());
    for round in 0..3 {
        let tries = (0..8).map(|n| {
            let store = store.clone();
            let id = client_id(&format!("{round}-{n}"));
            let now = at(round * 100 * SECOND);
            async move { store.turns.take(here, ada, &id, now, 60).await.expect("answers") }
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Turn::Taken).count(), 1, "{answers:?}");
    }
}
