#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{CalledUnread, ChatId, Choice, Choices, NotifyLevel, SectionName, UserId};

use super::world::{at, delete, filled, joined, made_chat, rule, sent, text, user};
use crate::{Change, ChatView, Ruling, Store, Unread};

fn section(name: &str) -> Option<SectionName> {
    Some(name.try_into().expect("a name"))
}

/// One of each kind.
fn one_of_each() -> Vec<Choice> {
    vec![
        Choice::Level(NotifyLevel::Mentions),
        Choice::MutedUntil(Some(at(7))),
        Choice::Favourite(true),
        Choice::Section(section("Work ☕")),
        Choice::Hidden(Some(9)),
        Choice::Unread(Some(CalledUnread { from: 3, marker: 5 })),
    ]
}

async fn chose(
    store: &Store,
    user: UserId,
    chat: ChatId,
    choices: &[Choice],
    micros: i64,
) -> (Choices, Change) {
    store.choices.choose(user, chat, choices, at(micros)).await.expect("chooses")
}

async fn kept(store: &Store, user: UserId, chat: ChatId) -> Choices {
    store.choices.get(user, chat).await.expect("reads")
}

/// The chat as the person sees it, in a list and by itself alike.
async fn view(store: &Store, user: UserId, chat: ChatId) -> ChatView {
    let found = store.chats.find_for(user, chat).await.expect("reads").expect("is a member");
    let listed = store.chats.list_for(user, false, super::world::now(), None, 100).await.expect("reads");
    assert_eq!(listed.iter().find(|view| view.chat.id == chat), Some(&found));
    found
}

pub async fn each_kind_is_kept_by_itself_and_taken_back_by_itself(store: Store) {
    let (ada, chat) = (user(), made_chat(&store).await);
    assert_eq!(kept(&store, ada, chat).await, Choices::default(), "nobody chose anything");
    let mut wanted = Choices::default();
    for (n, choice) in one_of_each().into_iter().chain(Choices::default().all()).enumerate() {
        let (now, change) = chose(&store, ada, chat, std::slice::from_ref(&choice), n as i64).await;
        wanted = wanted.with(&choice);
        wanted.version = at(n as i64).micros();
        assert_eq!((&now, change), (&wanted, Change::Done), "{choice:?}");
        assert_eq!(kept(&store, ada, chat).await, wanted);
    }
    let (all, _) = chose(&store, ada, chat, &one_of_each(), 100).await;
    assert_eq!(all.all(), one_of_each(), "and all at once");
}

pub async fn choosing_again_changes_nothing(store: Store) {
    let (ada, chat) = (user(), made_chat(&store).await);
    let (first, _) = chose(&store, ada, chat, &one_of_each(), 1).await;
    assert_eq!(chose(&store, ada, chat, &one_of_each(), 2).await, (first.clone(), Change::AlreadySo));
    assert_eq!(chose(&store, ada, chat, &[], 3).await, (first.clone(), Change::AlreadySo));
    assert_eq!(kept(&store, ada, chat).await, first);
}

pub async fn the_later_one_counts_whatever_its_clock_says(store: Store) {
    let (ada, chat) = (user(), made_chat(&store).await);
    let (first, _) = chose(&store, ada, chat, &[Choice::Section(section("One"))], 5_000_000).await;
    let (second, _) = chose(&store, ada, chat, &[Choice::Section(section("Two"))], 0).await;
    assert_eq!(second.section, section("Two"));
    assert!(second.version > first.version, "{} after {}", second.version, first.version);
}

pub async fn they_belong_to_one_person_and_one_chat(store: Store) {
    let (ada, bo) = (user(), user());
    let (chat, other) = (made_chat(&store).await, made_chat(&store).await);
    chose(&store, ada, chat, &one_of_each(), 1).await;
    for (user, chat) in [(ada, other), (bo, chat)] {
        assert_eq!(kept(&store, user, chat).await, Choices::default());
    }
}

pub async fn of_many_who_choose_at_once_no_kind_is_lost(store: Store) {
    let (ada, chat) = (user(), made_chat(&store).await);
    let choosing = one_of_each().into_iter().map(|choice| {
        let store = store.clone();
        tokio::spawn(async move { chose(&store, ada, chat, &[choice], 1).await })
    });
    for one in choosing.collect::<Vec<_>>() {
        one.await.expect("ends well");
    }
    assert_eq!(kept(&store, ada, chat).await.all(), one_of_each());
}

pub async fn a_view_has_them_and_they_wait_for_who_left(store: Store) {
    let (ada, chat) = (user(), made_chat(&store).await);
    joined(&store, chat, ada).await;
    assert_eq!(view(&store, ada, chat).await.choices, Choices::default());
    let (chosen, _) = chose(&store, ada, chat, &one_of_each(), 1).await;
    assert_eq!(view(&store, ada, chat).await.choices, chosen);
    rule(&store, chat, &Ruling::Out(ada)).await;
    assert_eq!(store.chats.find_for(ada, chat).await.expect("reads"), None);
    joined(&store, chat, ada).await;
    assert_eq!(view(&store, ada, chat).await.choices, chosen);
}

pub async fn what_is_called_unread_counts_until_the_marker_moves(store: Store) {
    let (ada, chat) = (user(), filled(&store, 6).await);
    joined(&store, chat, ada).await;
    store.read_markers.mark(chat, ada, 5).await.expect("marks");
    delete(&store, chat, 2).await;
    let read = async || {
        let view = view(&store, ada, chat).await;
        (view.marker, view.read)
    };
    assert_eq!(read().await, (5, Unread { read_seq: 5, unread: 0, counted: 6 }), "the premise: all is read");
    for (from, unread) in [(5, 1), (1, 4), (0, 5)] {
        chose(&store, ada, chat, &[Choice::Unread(Some(CalledUnread { from, marker: 5 }))], from).await;
        assert_eq!(read().await, (5, Unread { read_seq: from - 1, unread, counted: 6 }));
    }
    sent(&store, chat, text(user(), "new", "x")).await;
    assert_eq!(read().await, (5, Unread { read_seq: -1, unread: 6, counted: 7 }));
    store.read_markers.mark(chat, ada, 6).await.expect("marks");
    assert_eq!(read().await, (6, Unread { read_seq: 6, unread: 0, counted: 7 }));
    sent(&store, chat, text(user(), "newer", "x")).await;
    assert_eq!(read().await, (6, Unread { read_seq: 6, unread: 1, counted: 8 }), "it stays over");
    chose(&store, ada, chat, &[Choice::Unread(Some(CalledUnread { from: 3, marker: 6 }))], 9).await;
    sent(&store, chat, text(ada, "mine", "x")).await;
    assert_eq!(read().await, (8, Unread { read_seq: 8, unread: 0, counted: 9 }), "who writes has read");
}
