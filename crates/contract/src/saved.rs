#![expect(missing_docs, reason = "the names of laws are sentences")]

use futures_util::future::join_all;
use petit_domain::{ChatId, MOST_SAVED, UserId};

use super::world::{at, chat, user};
use crate::{Change, Saved, Saving, Store};

fn saved(chat: ChatId, seq: i64, micros: i64) -> Saved {
    Saved { chat, seq, at: at(micros) }
}

async fn add(store: &Store, user: UserId, saved: &Saved) -> Saving {
    store.saved.add(user, saved).await.expect("adds")
}

async fn remove(store: &Store, user: UserId, chat: ChatId, seq: i64) -> Change {
    store.saved.remove(user, chat, seq).await.expect("removes")
}

async fn all(store: &Store, user: UserId) -> Vec<Saved> {
    store.saved.list(user).await.expect("lists")
}

pub async fn repeating_changes_nothing(store: Store) {
    let (ada, chat) = (user(), chat());
    assert!(all(&store, ada).await.is_empty(), "nothing was saved");
    let first = saved(chat, 0, 1);
    assert_eq!(add(&store, ada, &first).await, Saving::Done);
    assert_eq!(add(&store, ada, &saved(chat, 0, 2)).await, Saving::AlreadySo(first.at));
    assert_eq!(all(&store, ada).await, [first], "the first time stays");
    assert_eq!(remove(&store, ada, chat, 0).await, Change::Done);
    assert_eq!(remove(&store, ada, chat, 0).await, Change::AlreadySo);
    assert_eq!(remove(&store, ada, chat, 9).await, Change::AlreadySo, "never saved");
    assert!(all(&store, ada).await.is_empty());
    let again = saved(chat, 0, 3);
    assert_eq!(add(&store, ada, &again).await, Saving::Done);
    assert_eq!(all(&store, ada).await, [again]);
}

pub async fn the_newest_comes_first_over_all_chats(store: Store) {
    let (ada, one, other) = (user(), chat(), chat());
    let (low, high) = (one.min(other), one.max(other));
    let wanted =
        [saved(low, 1, 9), saved(high, 3, 5), saved(high, 7, 2), saved(high, 4, 2), saved(low, 8, 2)];
    for n in [3, 0, 4, 1, 2] {
        assert_eq!(add(&store, ada, &wanted[n]).await, Saving::Done);
    }
    assert_eq!(all(&store, ada).await, wanted);
}

pub async fn they_belong_to_one_person_and_one_chat(store: Store) {
    let (ada, bo, one, other) = (user(), user(), chat(), chat());
    add(&store, ada, &saved(one, 3, 1)).await;
    assert!(all(&store, bo).await.is_empty());
    assert_eq!(remove(&store, bo, one, 3).await, Change::AlreadySo);
    assert_eq!(remove(&store, ada, other, 3).await, Change::AlreadySo);
    assert_eq!(all(&store, ada).await, [saved(one, 3, 1)]);
}

pub async fn nobody_has_more_than_may_be(store: Store) {
    let (ada, chat) = (user(), chat());
    let many: Vec<Saved> = (0..MOST_SAVED as i64 + 8).map(|seq| saved(chat, seq, seq)).collect();
    let answers = join_all(many.iter().map(|one| add(&store, ada, one))).await;
    let done = answers.iter().filter(|answer| **answer == Saving::Done).count();
    let refused = answers.iter().filter(|answer| **answer == Saving::TooMany).count();
    assert_eq!((done, refused), (MOST_SAVED, 8));
    let kept = all(&store, ada).await;
    assert_eq!(kept.len(), MOST_SAVED);
    assert_eq!(
        add(&store, ada, &kept[50]).await,
        Saving::AlreadySo(kept[50].at),
        "a repeat is none too many"
    );
    assert_eq!(remove(&store, ada, chat, kept[0].seq).await, Change::Done);
    assert_eq!(add(&store, ada, &saved(chat, 9_000, 9)).await, Saving::Done, "there is room again");
    assert_eq!(add(&store, ada, &saved(chat, 9_001, 9)).await, Saving::TooMany);
}

pub async fn of_many_who_save_one_message_one_does(store: Store) {
    let (ada, chat) = (user(), chat());
    let answers = join_all((0..8).map(async |n| add(&store, ada, &saved(chat, 0, n)).await)).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Saving::Done).count(), 1, "{answers:?}");
    assert_eq!(all(&store, ada).await.len(), 1);
}
