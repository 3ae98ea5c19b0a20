#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, MemberRecord, MessageKind, UserId};

use super::world::{append, delete, edit, filled, joined, made_chat, member, now, rule, sent, text, user};
use crate::{Marked, NewMessage, Ruling, Store, Unread, Written};

pub async fn a_marker_starts_at_none(store: Store) {
    let chat = filled(&store, 1).await;
    assert_eq!(store.read_markers.get(chat, user()).await.expect("reads"), -1);
}

pub async fn a_marker_never_falls(store: Store) {
    let (chat, ada) = (filled(&store, 9).await, user());
    let mark = async |seq| store.read_markers.mark(chat, ada, seq).await.expect("marks");
    assert_eq!(mark(5).await, Marked { seq: 5, moved: true });
    assert_eq!(mark(3).await, Marked { seq: 5, moved: false });
    assert_eq!(mark(5).await, Marked { seq: 5, moved: false });
    assert_eq!(mark(8).await, Marked { seq: 8, moved: true });
    assert_eq!(store.read_markers.get(chat, ada).await.expect("reads"), 8);
}

pub async fn the_highest_mark_wins_in_any_order(store: Store) {
    let (chat, ada) = (filled(&store, 50).await, user());
    let marks = (0..50).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.read_markers.mark(chat, ada, (n * 37) % 50).await.expect("marks") })
    });
    for mark in marks.collect::<Vec<_>>() {
        mark.await.expect("ends well");
    }
    assert_eq!(store.read_markers.get(chat, ada).await.expect("reads"), 49);
}

/// A line of the timeline's own.
async fn line(store: &Store, chat: ChatId, kind: MessageKind, id: &str) {
    let said = text(user(), id, "");
    sent(store, chat, NewMessage { kind, marks_read: false, ..said }).await;
}

async fn say(store: &Store, chat: ChatId, ids: &[&str]) {
    for id in ids {
        sent(store, chat, text(user(), id, "x")).await;
    }
}

/// What somebody in a chat has not read, in whichever way it is asked for.
async fn unread(store: &Store, chat: ChatId, user: UserId) -> Unread {
    let unread = store.read_markers.unread(chat, user).await.expect("reads").expect("the chat is there");
    let view = store.chats.find_for(user, chat).await.expect("reads").expect("is a member");
    let listed = store.chats.list_for(user, false, now(), None, 100).await.expect("reads");
    let listed = listed.into_iter().find(|view| view.chat.id == chat).expect("is listed");
    assert_eq!((view.read, listed.read), (unread, unread), "a view and a list say the same");
    if let Some(last) = view.last_message {
        assert_eq!(last.counted, Some(unread.counted));
    }
    unread
}

async fn with_reader(store: &Store) -> (ChatId, UserId) {
    let (chat, reader) = (made_chat(store).await, user());
    joined(store, chat, reader).await;
    (chat, reader)
}

pub async fn what_nobody_wrote_is_not_unread(store: Store) {
    let (chat, reader) = with_reader(&store).await;
    assert_eq!(unread(&store, chat, reader).await, Unread { read_seq: -1, unread: 0, counted: 0 });
    line(&store, chat, MessageKind::MemberJoined, "came").await;
    assert_eq!(unread(&store, chat, reader).await.unread, 0);
    say(&store, chat, &["a", "b"]).await;
    line(&store, chat, MessageKind::MemberLeft, "went").await;
    say(&store, chat, &["c"]).await;
    line(&store, chat, MessageKind::ChatRenamed, "called").await;
    assert_eq!(unread(&store, chat, reader).await, Unread { read_seq: -1, unread: 3, counted: 3 });
    for (seq, left) in [(0, 3), (1, 2), (2, 1), (3, 1), (4, 0), (5, 0)] {
        store.read_markers.mark(chat, reader, seq).await.expect("marks");
        assert_eq!(unread(&store, chat, reader).await, Unread { read_seq: seq, unread: left, counted: 3 });
    }
    assert_eq!(store.read_markers.unread(super::world::chat(), reader).await.expect("reads"), None);
}

pub async fn what_is_deleted_is_not_unread(store: Store) {
    let (chat, reader) = with_reader(&store).await;
    say(&store, chat, &["a", "b", "c", "d"]).await;
    store.read_markers.mark(chat, reader, 1).await.expect("marks");
    edit(&store, chat, 2, "edited").await;
    delete(&store, chat, 0).await;
    assert_eq!(unread(&store, chat, reader).await.unread, 2, "nothing of it is above the marker, or gone");
    delete(&store, chat, 3).await;
    delete(&store, chat, 3).await;
    assert_eq!(unread(&store, chat, reader).await.unread, 1);
    say(&store, chat, &["e"]).await;
    assert_eq!(unread(&store, chat, reader).await, Unread { read_seq: 1, unread: 2, counted: 5 });
    delete(&store, chat, 2).await;
    delete(&store, chat, 4).await;
    assert_eq!(unread(&store, chat, reader).await.unread, 0, "all are gone: nothing is left to be read");
    say(&store, chat, &["f"]).await;
    assert_eq!(unread(&store, chat, reader).await.unread, 1);
    let other = user();
    joined(&store, chat, other).await;
    assert_eq!(unread(&store, chat, other).await.unread, 2, "of six, four are gone");
}

pub async fn what_is_deleted_at_once_counts_once(store: Store) {
    let (chat, reader) = with_reader(&store).await;
    let ids: Vec<String> = (0..8).map(|n| n.to_string()).collect();
    say(&store, chat, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let deletions = (0..12).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { delete(&store, chat, n % 6).await })
    });
    for deletion in deletions.collect::<Vec<_>>() {
        let done = deletion.await.expect("ends well");
        assert!(matches!(done, Written::Revised(_) | Written::AlreadySo(_)), "{done:?}");
    }
    assert_eq!(unread(&store, chat, reader).await.unread, 2);
}

pub async fn who_writes_has_nothing_unread_but_by_a_line(store: Store) {
    let (chat, author) = with_reader(&store).await;
    say(&store, chat, &["a", "b"]).await;
    line(&store, chat, MessageKind::MemberJoined, "came").await;
    assert_eq!(unread(&store, chat, author).await.unread, 2, "a line marks nothing");
    append(&store, chat, text(author, "mine", "x")).await;
    assert_eq!(unread(&store, chat, author).await, Unread { read_seq: 3, unread: 0, counted: 3 });
    for n in 0..3 {
        append(&store, chat, text(author, &format!("quick-{n}"), "x")).await;
    }
    line(&store, chat, MessageKind::MemberLeft, "went").await;
    assert_eq!(unread(&store, chat, author).await.unread, 0);
    let later = NewMessage { marks_read: false, ..text(author, "later", "x") };
    sent(&store, chat, later).await;
    assert_eq!(unread(&store, chat, author).await.unread, 1, "what is sent for somebody counts");
}

pub async fn who_comes_in_has_read_what_was_before(store: Store) {
    let (chat, reader) = with_reader(&store).await;
    line(&store, chat, MessageKind::MemberJoined, "came").await;
    say(&store, chat, &["a", "b"]).await;
    let seat = MemberRecord { joined_seq: 1, ..member(chat, user()) };
    rule(&store, chat, &Ruling::In(seat.clone())).await;
    line(&store, chat, MessageKind::MemberJoined, "came-too").await;
    assert_eq!(unread(&store, chat, seat.user).await, Unread { read_seq: 1, unread: 1, counted: 2 });
    assert_eq!(unread(&store, chat, reader).await.unread, 2);
    rule(&store, chat, &Ruling::Out(seat.user)).await;
    say(&store, chat, &["c", "d"]).await;
    rule(&store, chat, &Ruling::In(MemberRecord { joined_seq: 5, ..seat.clone() })).await;
    assert_eq!(unread(&store, chat, seat.user).await.unread, 0);
}

pub async fn a_message_keeps_what_it_was_counted_as(store: Store) {
    let (chat, reader) = with_reader(&store).await;
    say(&store, chat, &["a"]).await;
    line(&store, chat, MessageKind::MemberLeft, "went").await;
    say(&store, chat, &["b", "c"]).await;
    delete(&store, chat, 0).await;
    edit(&store, chat, 2, "edited").await;
    let page = store.log.page(chat, crate::PageAt::Newest, 10).await.expect("reads");
    let counted: Vec<_> = page.iter().map(|message| message.counted).collect();
    assert_eq!(counted, [Some(1), Some(1), Some(2), Some(3)]);
    assert_eq!(unread(&store, chat, reader).await.counted, 3);
    let again = append(&store, chat, text(page[2].author, "b", "x")).await;
    assert!(matches!(&again, Written::Repeated(message) if message.counted == Some(2)), "{again:?}");
}
