#![expect(missing_docs, reason = "the names of laws are sentences")]

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use petit_domain::{ChatId, ChatKind, Head};
use uuid::Uuid;

use super::world::{at, chat, filled, made_chat, record, sent, text, user};
use crate::{CHAT_SHARDS, FollowerLease, Store, chat_shard};

fn worker(n: u64) -> Uuid {
    Uuid::from_u64_pair(7, n)
}

async fn position(store: &Store, follower: &str, chat: ChatId) -> Head {
    store.followers.positions(follower, &[chat]).await.expect("reads")[0]
}

pub async fn a_follower_starts_before_everything(store: Store) {
    assert_eq!(position(&store, "mentions", chat()).await, Head::EMPTY);
    assert_eq!(store.followers.positions("mentions", &[]).await.expect("reads"), []);
}

pub async fn a_position_never_falls(store: Store) {
    let chat = chat();
    let advance = async |seq, cseq| {
        store.followers.advance("a", &[(chat, Head { seq, cseq })]).await.expect("advances");
        position(&store, "a", chat).await
    };
    assert_eq!(advance(5, 1).await, Head { seq: 5, cseq: 1 });
    assert_eq!(advance(4, 3).await, Head { seq: 5, cseq: 3 }, "each number by itself");
    assert_eq!(advance(2, 2).await, Head { seq: 5, cseq: 3 });
    assert_eq!(advance(-1, -1).await, Head { seq: 5, cseq: 3 });
    assert_eq!(advance(6, 3).await, Head { seq: 6, cseq: 3 });
}

pub async fn positions_belong_to_followers_and_chats(store: Store) {
    let (one, two, three) = (chat(), chat(), chat());
    let head = |seq| Head { seq, cseq: 0 };
    store.followers.advance("a", &[(one, head(1)), (two, head(2))]).await.expect("advances");
    store.followers.advance("b", &[(two, head(9))]).await.expect("advances");
    let positions = store.followers.positions("a", &[two, three, one]).await.expect("reads");
    assert_eq!(positions, [head(2), Head::EMPTY, head(1)], "in the order of the question");
    assert_eq!(position(&store, "b", two).await, head(9));
}

pub async fn of_many_who_advance_the_highest_wins(store: Store) {
    let chat = chat();
    let advances = (0..40).map(|n| {
        let store = store.clone();
        let head = Head { seq: (n * 37) % 40, cseq: (n * 11) % 40 };
        tokio::spawn(async move { store.followers.advance("a", &[(chat, head)]).await.expect("advances") })
    });
    for advance in advances.collect::<Vec<_>>() {
        advance.await.expect("ends well");
    }
    assert_eq!(position(&store, "a", chat).await, Head { seq: 39, cseq: 39 });
}

/// Asks until the news of this chat has reached that number.
async fn heard(store: &Store, chat: ChatId, seq: i64) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let news = store.followers.news(&[chat_shard(chat)]).await.expect("reads");
        assert!(
            news.iter().all(|(other, _)| chat_shard(*other) == chat_shard(chat)),
            "only of the shards asked for"
        );
        if news.iter().any(|(of, head)| *of == chat && head.seq >= seq) {
            return;
        }
        assert!(Instant::now() < deadline, "no news of {chat} at {seq}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub async fn what_is_written_is_news(store: Store) {
    let chat = filled(&store, 2).await;
    heard(&store, chat, 1).await;
    for n in 2..6 {
        sent(&store, chat, text(user(), &format!("more{n}"), "x")).await;
    }
    heard(&store, chat, 5).await;
}

pub async fn who_attends_is_known_until_its_time(store: Store) {
    let attend =
        async |n, now, until| store.followers.attend(worker(n), at(now), at(until)).await.expect("attends");
    assert_eq!(attend(2, 0, 10_000_000).await, [worker(2)]);
    assert_eq!(attend(1, 0, 20_000_000).await, [worker(1), worker(2)]);
    assert_eq!(attend(1, 10_000_000, 30_000_000).await, [worker(1)], "the other's time is over");
}

async fn lease(store: &Store, shard: u16, n: u64, now: i64, until: i64) -> Option<FollowerLease> {
    store.followers.lease(shard, worker(n), at(now), at(until)).await.expect("answers")
}

pub async fn a_shard_has_one_owner_at_a_time(store: Store) {
    let first = lease(&store, 3, 1, 0, 10).await.expect("is free");
    assert_eq!((first.owner, first.until), (worker(1), at(10)));
    assert_eq!(lease(&store, 3, 2, 9, 19).await, None);
    assert!(lease(&store, 4, 2, 9, 19).await.is_some(), "another shard is another matter");
    let again = lease(&store, 3, 1, 9, 19).await.expect("goes on");
    assert_eq!((again.token, again.until), (first.token, at(19)));
    let other = lease(&store, 3, 2, 19, 29).await.expect("its time is over");
    assert!(other.token > first.token, "{other:?} after {first:?}");
    assert_eq!(lease(&store, 3, 1, 20, 30).await, None);
}

pub async fn a_shard_is_given_back_by_its_owner_alone(store: Store) {
    let first = lease(&store, 5, 1, 0, 10).await.expect("is free");
    store.followers.release(5, worker(2)).await.expect("answers");
    assert_eq!(lease(&store, 5, 2, 1, 11).await, None);
    store.followers.release(5, worker(1)).await.expect("gives back");
    store.followers.release(5, worker(1)).await.expect("again");
    let other = lease(&store, 5, 2, 1, 11).await.expect("is free");
    assert!(other.token > first.token);
    store.followers.release(6, worker(2)).await.expect("nobody has it");
}

pub async fn of_many_who_want_a_shard_one_gets_it(store: Store) {
    let wants = (0..6).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { lease(&store, 9, n, 0, 10).await })
    });
    let mut owners = Vec::new();
    for want in wants.collect::<Vec<_>>() {
        owners.extend(want.await.expect("ends well"));
    }
    assert_eq!(owners.len(), 1, "{owners:?}");
}

pub async fn every_chat_is_listed_once(store: Store) {
    let mut made = BTreeSet::new();
    for n in 0..23 {
        match n % 2 {
            0 => made.insert(made_chat(&store).await),
            _ => {
                let direct = record(ChatKind::Direct, None);
                store.chats.create(&direct, &[]).await.expect("makes");
                made.insert(direct.id)
            }
        };
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store.chats.list_all(after, 5).await.expect("lists");
        assert!(page.len() <= 5);
        after = page.last().copied();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert_eq!(listed.len(), 23);
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), made);
}

pub async fn shards_are_few_and_all_are_used(_store: Store) {
    let used: BTreeSet<u16> = (0..5_000).map(|_| chat_shard(chat())).collect();
    assert_eq!(used.len(), usize::from(CHAT_SHARDS));
    assert!(used.iter().all(|shard| *shard < CHAT_SHARDS));
}
