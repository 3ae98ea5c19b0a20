#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, MemberRecord, MemberRole};

use super::world::{filled, joined, made_chat, member, rule, unknown, user};
use crate::{Change, Ruling, Store};

async fn count(store: &Store, chat: ChatId) -> i64 {
    store.chats.get(chat).await.expect("reads").expect("is there").member_count
}

pub async fn adding_and_removing_counts_each_once(store: Store) {
    let (chat, ada, bo) = (made_chat(&store).await, user(), user());
    for role in [MemberRole::Member, MemberRole::Owner] {
        let seat = MemberRecord { role, ..member(chat, ada) };
        assert_eq!(rule(&store, chat, &Ruling::In(seat.clone())).await, Change::Done);
        assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(seat));
    }
    joined(&store, chat, bo).await;
    assert_eq!(count(&store, chat).await, 2);
    for _ in 0..2 {
        rule(&store, chat, &Ruling::Out(ada)).await;
        let found = store.members.get(chat, ada).await.expect("reads");
        assert_eq!((count(&store, chat).await, found), (1, None));
    }
}

pub async fn who_left_may_come_back(store: Store) {
    let (chat, ada) = (filled(&store, 4).await, user());
    joined(&store, chat, ada).await;
    rule(&store, chat, &Ruling::Out(ada)).await;
    let back = MemberRecord { role: MemberRole::Admin, joined_seq: 3, ..member(chat, ada) };
    assert_eq!(rule(&store, chat, &Ruling::In(back.clone())).await, Change::Done);
    assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(back));
    assert_eq!(count(&store, chat).await, 1);
}

pub async fn members_and_name_follow_in_the_order_of_the_numbers(store: Store) {
    let (chat, ada) = (made_chat(&store).await, user());
    let applied = async || store.members.applied(chat).await.expect("reads");
    let follow = async |after, cseq, ruling: &Ruling| {
        store.members.follow(chat, after, cseq, ruling).await.expect("answers")
    };
    assert_eq!(applied().await, Some(-1));
    let (comes, goes) = (Ruling::In(member(chat, ada)), Ruling::Out(ada));
    assert_eq!(follow(3, 4, &comes).await, Change::AlreadySo, "too early");
    assert_eq!((applied().await, count(&store, chat).await), (Some(-1), 0));
    assert_eq!(follow(-1, 4, &comes).await, Change::Done, "what is between says nothing");
    assert_eq!(follow(4, 7, &goes).await, Change::Done);
    assert_eq!(follow(-1, 4, &comes).await, Change::AlreadySo, "a late copy");
    assert_eq!((applied().await, count(&store, chat).await), (Some(7), 0));
    assert_eq!(follow(7, 9, &Ruling::Silent).await, Change::Done);
    assert_eq!(follow(7, 8, &comes).await, Change::AlreadySo);
    assert_eq!((applied().await, store.members.get(chat, ada).await.expect("reads")), (Some(9), None));
    let nowhere = ChatId::from_uuid(ada.uuid());
    assert_eq!(store.members.applied(nowhere).await.expect("reads"), None);
    let nothing = store.members.follow(nowhere, -1, 0, &comes).await.expect("answers");
    assert_eq!(nothing, Change::AlreadySo);
}

pub async fn of_many_who_follow_to_one_change_one_does(store: Store) {
    let chat = made_chat(&store).await;
    let tries = (0..8).map(|n| {
        let store = store.clone();
        let comes = Ruling::In(member(chat, user()));
        tokio::spawn(async move { store.members.follow(chat, -1, n, &comes).await.expect("answers") })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        done += usize::from(attempt.await.expect("ends well") == Change::Done);
    }
    assert_eq!((done, count(&store, chat).await), (1, 1));
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
    rule(&store, chat, &Ruling::Out(bo)).await;
    assert!(!share().await);
}

pub async fn joining_marks_what_came_before_as_read(store: Store) {
    let (chat, ada) = (filled(&store, 4).await, user());
    let late = MemberRecord { joined_seq: 3, ..member(chat, ada) };
    rule(&store, chat, &Ruling::In(late)).await;
    assert_eq!(store.read_markers.get(chat, ada).await.expect("reads"), 3);
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let (chat, ada, bo) = (made_chat(&store).await, user(), user());
    joined(&store, chat, bo).await;
    let wanted = MemberRecord { role: unknown("role_9"), ..member(chat, ada) };
    assert_eq!(rule(&store, chat, &Ruling::In(wanted.clone())).await, Change::Done);
    assert_eq!(store.members.get(chat, ada).await.expect("reads"), Some(wanted.clone()));
    let list = store.members.list(chat, None, 10).await.expect("one member does not spoil the list");
    assert_eq!((list.len(), list.contains(&wanted)), (2, true));
}
