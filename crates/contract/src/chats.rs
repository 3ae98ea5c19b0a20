#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatKind, Head, fold};

use super::world::{
    at, chat, chat_name, edit, joined, made_chat, member, now, record, rule, sent, text, unknown, user,
};
use crate::{Change, NewMessage, Ruling, Store, active_at};

pub async fn a_new_chat_is_empty(store: Store) {
    let wanted = record(ChatKind::Group, Some("Crew"));
    assert_eq!(store.chats.create(&wanted, &[]).await.expect("makes"), Change::Done);
    let made = store.chats.get(wanted.id).await.expect("reads").expect("is there");
    assert_eq!(made, wanted);
    assert_eq!(store.chats.get(chat()).await.expect("reads"), None);
}

pub async fn creating_twice_changes_nothing(store: Store) {
    let wanted = record(ChatKind::Group, Some("Crew"));
    store.chats.create(&wanted, &[]).await.expect("makes");
    joined(&store, wanted.id, user()).await;
    sent(&store, wanted.id, text(user(), "a", "x")).await;
    let before = store.chats.get(wanted.id).await.expect("reads");
    assert_eq!(store.chats.create(&wanted, &[]).await.expect("answers"), Change::AlreadySo);
    assert_eq!(store.chats.get(wanted.id).await.expect("reads"), before);
}

pub async fn a_pair_has_one_direct_chat(store: Store) {
    let (ada, bo, cy) = (user(), user(), user());
    let first = chat();
    assert_eq!(store.chats.claim_direct(ada, bo, first).await.expect("claims"), first);
    assert_eq!(store.chats.claim_direct(bo, ada, chat()).await.expect("claims"), first);
    let other = chat();
    assert_eq!(store.chats.claim_direct(ada, cy, other).await.expect("claims"), other);
    let own = chat();
    assert_eq!(store.chats.claim_direct(ada, ada, own).await.expect("claims"), own);
}

pub async fn of_many_who_claim_a_pair_all_get_one_chat(store: Store) {
    let (ada, bo) = (user(), user());
    let claims = (0..8).map(|n| {
        let store = store.clone();
        let (a, b) = if n % 2 == 0 { (ada, bo) } else { (bo, ada) };
        tokio::spawn(async move { store.chats.claim_direct(a, b, chat()).await.expect("claims") })
    });
    let mut ids = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        ids.push(claim.await.expect("ends well"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

pub async fn first_members_are_in_from_the_start_and_only_then(store: Store) {
    let (wanted, ada, bo) = (record(ChatKind::Group, Some("Crew")), user(), user());
    let seats = [ada, bo].map(|user| member(wanted.id, user));
    assert_eq!(store.chats.create(&wanted, &seats).await.expect("makes"), Change::Done);
    let count = async || store.chats.get(wanted.id).await.expect("reads").expect("is there").member_count;
    assert_eq!((count().await, store.members.applied(wanted.id).await.expect("reads")), (2, Some(-1)));
    assert_eq!(store.chats.list_for(bo, false, now(), None, 10).await.expect("reads").len(), 1);
    rule(&store, wanted.id, &Ruling::Out(bo)).await;
    assert_eq!(store.chats.create(&wanted, &seats).await.expect("answers"), Change::AlreadySo);
    assert_eq!((count().await, store.members.get(wanted.id, bo).await.expect("reads")), (1, None));
}

pub async fn a_name_is_replaced(store: Store) {
    let id = made_chat(&store).await;
    let called = |name: &str, micros| Ruling::Named(chat_name(name), at(micros));
    let name = async || store.chats.get(id).await.expect("reads").expect("is there").name;
    assert_eq!(rule(&store, id, &called("New", 1)).await, Change::Done);
    assert_eq!(name().await, Some(chat_name("New")));
    let late = store.members.follow(id, -1, 0, &called("Old", 2)).await.expect("answers");
    assert_eq!((late, name().await), (Change::AlreadySo, Some(chat_name("New"))));
    assert_eq!(rule(&store, chat(), &called("New", 3)).await, Change::AlreadySo);
}

pub async fn chats_are_listed_by_last_message(store: Store) {
    let (me, stranger) = (user(), user());
    let mut chats = Vec::new();
    for _ in 0..4 {
        let id = made_chat(&store).await;
        joined(&store, id, me).await;
        chats.push(id);
    }
    for (n, id) in [2, 0, 3, 1].into_iter().map(|at| chats[at]).enumerate() {
        sent(&store, id, NewMessage { at: at(1000 + n as i64), ..text(me, "a", "x") }).await;
    }
    let listed = store.chats.list_for(me, false, now(), None, 10).await.expect("reads");
    let ids: Vec<_> = listed.iter().map(|view| view.chat.id).collect();
    assert_eq!(ids, [chats[1], chats[3], chats[0], chats[2]]);
    assert_eq!(store.chats.list_for(stranger, false, now(), None, 10).await.expect("reads"), []);
    rule(&store, chats[3], &Ruling::Out(me)).await;
    assert_eq!(store.chats.list_for(me, false, now(), None, 10).await.expect("reads").len(), 3);
}

pub async fn a_time_that_is_still_to_come_keeps_no_chat_above_the_others(store: Store) {
    const YEAR: i64 = 365 * 86_400_000_000;
    let me = user();
    let mut chats = Vec::new();
    for micros in [1000, YEAR, 3000, 2 * YEAR] {
        let id = made_chat(&store).await;
        joined(&store, id, me).await;
        sent(&store, id, NewMessage { at: at(micros), ..text(me, "a", "x") }).await;
        chats.push(id);
    }
    let listed = async |until| {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.chats.list_for(me, false, until, after.as_ref(), 1).await.expect("reads");
            let Some(last) = page.last() else { return seen };
            after = Some((active_at(&last.chat, until), last.chat.id));
            seen.push(last.chat.id);
        }
    };
    assert_eq!(listed(at(3 * YEAR)).await, [chats[3], chats[1], chats[2], chats[0]]);
    let (first, second) = (chats[3].max(chats[1]), chats[3].min(chats[1]));
    assert_eq!(
        listed(at(5000)).await,
        [chats[2], chats[0], first, second],
        "as if nothing was said since they were made"
    );
    sent(&store, chats[1], NewMessage { at: at(4000), ..text(me, "b", "y") }).await;
    assert_eq!(listed(at(5000)).await, [chats[1], chats[2], chats[0], chats[3]]);
    assert_eq!(listed(at(-1)).await.len(), 4, "nor is one lost that was made by such a clock");
}

pub async fn a_page_begins_after_its_cursor_even_at_equal_times(store: Store) {
    let me = user();
    let mut all = Vec::new();
    for _ in 0..7 {
        let id = made_chat(&store).await;
        joined(&store, id, me).await;
        all.push(id);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.chats.list_for(me, false, now(), after.as_ref(), 3).await.expect("reads");
        let Some(last) = page.last() else { break };
        after = Some((last.chat.last_message_at, last.chat.id));
        seen.extend(page.iter().map(|view| view.chat.id));
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(seen, all, "equal times are ordered by id, larger first, each chat once");
}

pub async fn a_view_shows_the_newest_message_as_it_is_now(store: Store) {
    let (id, me) = (made_chat(&store).await, user());
    joined(&store, id, me).await;
    let view = store.chats.find_for(me, id).await.expect("reads").expect("is a member");
    assert_eq!((view.last_message, view.read.read_seq), (None, -1));
    sent(&store, id, text(user(), "a", "first")).await;
    edit(&store, id, 0, "edited").await;
    let view = store.chats.find_for(me, id).await.expect("reads").expect("is a member");
    assert_eq!(view.last_message.map(|message| message.text).as_deref(), Some("edited"));
    assert_eq!(view.chat.head, Head { seq: 0, cseq: 0 });
    assert_eq!(store.chats.find_for(user(), id).await.expect("reads"), None);
}

pub async fn a_direct_chat_shows_the_other_person(store: Store) {
    let (ada, bo) = (user(), user());
    let wanted = record(ChatKind::Direct, None);
    store.chats.create(&wanted, &[]).await.expect("makes");
    joined(&store, wanted.id, ada).await;
    let peer =
        async |who| store.chats.find_for(who, wanted.id).await.expect("reads").and_then(|view| view.peer);
    assert_eq!(peer(ada).await, Some(ada), "alone, the other one is oneself");
    joined(&store, wanted.id, bo).await;
    assert_eq!((peer(ada).await, peer(bo).await), (Some(bo), Some(ada)));
}

pub async fn heads_are_those_of_my_chats(store: Store) {
    let (mine, other, me) = (made_chat(&store).await, made_chat(&store).await, user());
    joined(&store, mine, me).await;
    sent(&store, mine, text(me, "a", "x")).await;
    sent(&store, other, text(user(), "a", "x")).await;
    let heads = store.chats.heads_for(me).await.expect("reads");
    assert_eq!(heads, [(mine, Head { seq: 0, cseq: -1 })]);
}

pub async fn open_chats_are_found_by_the_beginning_of_their_name(store: Store) {
    for called in ["Éclair", "eclipse", "Echo", "Zoo", "echo"] {
        store.chats.create(&record(ChatKind::Open, Some(called)), &[]).await.expect("makes");
    }
    store.chats.create(&record(ChatKind::Group, Some("Echo hidden")), &[]).await.expect("makes");
    let found = store.chats.list_open("ec", None, 10).await.expect("reads");
    let names: Vec<_> = found.iter().filter_map(|chat| chat.name.clone()).map(String::from).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names.last().map(String::as_str), Some("eclipse"));
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.chats.list_open("", after.as_ref(), 2).await.expect("reads");
        let Some(last) = page.last() else { break };
        after = Some((fold(last.name.as_ref().map_or("", |name| name.as_str())), last.id));
        seen.extend(page.into_iter().map(|chat| chat.id));
    }
    assert_eq!(seen.len(), 5, "every open chat once, and no other");
    let renamed = seen[0];
    rule(&store, renamed, &Ruling::Named(chat_name("Yard"), at(1))).await;
    let found = store.chats.list_open("ya", None, 10).await.expect("reads");
    assert_eq!(found.iter().map(|chat| chat.id).collect::<Vec<_>>(), [renamed]);
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let me = user();
    let known = made_chat(&store).await;
    joined(&store, known, me).await;
    for kind in ["channel", "kind_9"] {
        let wanted = record(unknown(kind), Some("Newer"));
        assert_eq!(store.chats.create(&wanted, &[]).await.expect("makes"), Change::Done);
        assert_eq!(store.chats.get(wanted.id).await.expect("reads"), Some(wanted.clone()));
        joined(&store, wanted.id, me).await;
        let view = store.chats.find_for(me, wanted.id).await.expect("reads").expect("is a member");
        assert_eq!((view.chat.kind, view.peer), (wanted.kind, None));
    }
    let list =
        store.chats.list_for(me, false, now(), None, 10).await.expect("one chat does not spoil the list");
    assert_eq!(list.len(), 3);
    assert_eq!(
        store.chats.list_open("newer", None, 10).await.expect("reads"),
        [],
        "nobody knows that it is open"
    );
}
