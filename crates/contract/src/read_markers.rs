#![expect(missing_docs, reason = "the names of laws are sentences")]

use super::world::{filled, user};
use crate::{Marked, Store};

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
