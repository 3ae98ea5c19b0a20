#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, MemberRecord, MemberRole};

use super::world::{filled, joined, made_chat, member, unknown, user};
use crate::{Change, Store};

async fn count(store: &Store, chat: ChatId) -> i64 {
    store.chats.get(chat).await.expect("reads").expect("is there").member_count
}

pub async fn adding_and_removing_counts_each_once(store: Store) {
    let (chat, ada, bo) = (made_chat(&store).await, user(), user());
    assert_eq!(store.members.add(&member(chat, ada)).await.expect("adds"), Change::Done);
    let other = MemberRecord { role: MemberRole::Owner, ..member(chat, ada) };
    assert_eq!(store.members.add(&other).await.expect("answers"), Change::AlreadySo);
    joined(&store, chat, bo).await;
    assert_eq!(count(&store, chat).await, 2);
    assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(member(chat, ada)));
    assert_eq!(store.members.remove(chat, ada).await.expect("removes"), Change::Done);
    assert_eq!(store.members.remove(chat, ada).await.expect("answers"), Change::AlreadySo);
    assert_eq!((count(&store, chat).await, store.members.get(chat, ada).await.expect("reads")), (1, None));
}

pub async fn who_left_may_come_back(store: Store) {
    let (chat, ada) = (filled(&store, 4).await, user());
    joined(&store, chat, ada).await;
    store.members.remove(chat, ada).await.expect("removes");
    let back = MemberRecord { role: MemberRole::Admin, joined_seq: 3, ..member(chat, ada) };
    assert_eq!(store.members.add(&back).await.expect("adds"), Change::Done);
    assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(back));
    assert_eq!(count(&store, chat).await, 1);
}

pub async fn a_role_is_replaced(store: Store) {
    let (chat, ada) = (made_chat(&store).await, user());
    joined(&store, chat, ada).await;
    let set = async |role| store.members.set_role(chat, ada, role).await.expect("answers");
    assert_eq!(set(MemberRole::Owner).await, Change::Done);
    assert_eq!(set(MemberRole::Owner).await, Change::AlreadySo);
    let record = store.members.get(chat, ada).await.expect("reads");
    assert_eq!(record.map(|record| record.role), Some(MemberRole::Owner));
    let stranger = store.members.set_role(chat, user(), MemberRole::Owner).await.expect("answers");
    assert_eq!(stranger, Change::AlreadySo);
    assert_eq!(count(&store, chat).await, 1);
}

pub async fn members_are_listed_by_id(store: Store) {
    let (chat, other) = (made_chat(&store).await, made_chat(&store).await);
    let mut all: Vec<_> = (0..9).map(|_| user()).collect();
    for id in &all {
        joined(&store, chat, *id).await;
    }
    joined(&store, other, user()).await;
    all.sort_unstable();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.members.list(chat, after, 4).await.expect("reads");
        let Some(last) = page.last() else { break };
        after = Some(last.user);
        seen.extend(page.into_iter().map(|member| member.user));
    }
    assert_eq!(seen, all);
}

pub async fn people_share_a_chat_while_both_are_in_it(store: Store) {
    let (chat, ada, bo) = (made_chat(&store).await, user(), user());
    let share = async || store.members.share_chat(ada, bo).await.expect("reads");
    assert!(store.members.share_chat(ada, ada).await.expect("reads"), "with oneself, always");
    joined(&store, chat, ada).await;
    assert!(!share().await);
    joined(&store, chat, bo).await;
    assert!(share().await && store.members.share_chat(bo, ada).await.expect("reads"));
    store.members.remove(chat, bo).await.expect("removes");
    assert!(!share().await);
}

pub async fn joining_marks_what_came_before_as_read(store: Store) {
    let (chat, ada) = (filled(&store, 4).await, user());
    let late = MemberRecord { joined_seq: 3, ..member(chat, ada) };
    store.members.add(&late).await.expect("adds");
    assert_eq!(store.read_markers.get(chat, ada).await.expect("reads"), 3);
}

pub async fn of_many_who_add_one_is_counted(store: Store) {
    let (chat, ada) = (made_chat(&store).await, user());
    let tries = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.members.add(&member(chat, ada)).await.expect("answers") })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        done += usize::from(attempt.await.expect("ends well") == Change::Done);
    }
    assert_eq!((done, count(&store, chat).await), (1, 1));
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let (chat, ada, bo) = (made_chat(&store).await, user(), user());
    joined(&store, chat, bo).await;
    let wanted = MemberRecord { role: unknown("role_9"), ..member(chat, ada) };
    assert_eq!(store.members.add(&wanted).await.expect("adds"), Change::Done);
    assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(wanted.clone()));
    let list = store.members.list(chat, None, 10).await.expect("one member does not spoil the list");
    assert_eq!((list.len(), list.contains(&wanted)), (2, true));
    assert_eq!(store.members.set_role(chat, bo, unknown("role_9")).await.expect("sets"), Change::Done);
    assert_eq!(store.members.set_role(chat, ada, MemberRole::Member).await.expect("sets"), Change::Done);
}
