#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, Forwarded, Message, MessagePlace, Parts};

use super::world::{append, at, chat, delete, made_chat, revise, sent, text, user};
use crate::{NewMessage, PageAt, Revision, Store, Written};

/// A message that forwards another one, and where that was.
fn forward(id: &str) -> (NewMessage, MessagePlace) {
    let place = MessagePlace { chat: chat(), seq: 41 };
    let copy = Forwarded::new(user(), at(7), "the copy ☕".to_owned(), place);
    let mut parts = Parts::default();
    parts.forwarded = Some(Box::new(copy));
    (NewMessage { parts, place: Some(place), ..text(user(), id, "") }, place)
}

async fn kept(store: &Store, chat: ChatId) -> Message {
    let one = store.log.get(chat, 0).await.expect("reads").expect("is there");
    let page = store.log.page(chat, PageAt::Newest, 9).await.expect("reads");
    assert_eq!(page, std::slice::from_ref(&one), "in a page and by itself alike");
    one
}

/// A message as everybody is told it: whoever had it written elsewhere is answered without the place.
fn told(mut message: Message) -> Message {
    message.parts.keep_place(None);
    message
}

pub async fn a_copy_is_kept_with_its_place(store: Store) {
    let chat = made_chat(&store).await;
    let (new, place) = forward("one");
    let message = sent(&store, chat, new.clone()).await;
    let kept = kept(&store, chat).await;
    assert_eq!((kept.parts.place(), kept.text.as_str()), (Some(place), ""));
    let kept = told(kept);
    assert_eq!(told(message), kept);
    let Written::Repeated(again) = append(&store, chat, new).await else { panic!("a repetition") };
    assert_eq!(told(again), kept, "a repeat is answered with it");
}

pub async fn the_place_comes_beside_the_parts(store: Store) {
    let chat = made_chat(&store).await;
    let (mut new, place) = forward("one");
    // As another process hands it over, which is told nothing of the place in the parts.
    new.parts = serde_json::from_value(serde_json::to_value(&new.parts).expect("encodes")).expect("parts");
    assert_eq!(new.parts.place(), None, "the premise");
    sent(&store, chat, new).await;
    assert_eq!(kept(&store, chat).await.parts.place(), Some(place));
}

pub async fn an_edit_keeps_both_and_a_deletion_neither(store: Store) {
    let chat = made_chat(&store).await;
    let (new, place) = forward("one");
    let mut parts = sent(&store, chat, new).await.parts;
    parts.keep_place(None);
    let Written::Revised(edited) =
        revise(&store, chat, 0, Revision::Edit { text: "look".to_owned(), parts }).await
    else {
        panic!("an edit")
    };
    let kept_now = kept(&store, chat).await;
    assert_eq!((kept_now.parts.place(), kept_now.text.as_str()), (Some(place), "look"));
    assert_eq!(told(kept_now), told(edited));
    delete(&store, chat, 0).await;
    let stub = kept(&store, chat).await;
    assert!(stub.parts.is_empty() && stub.parts.place().is_none(), "{stub:?}");
}
