#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatId, Message, UserId};

use super::world::{edit, filled, sent, text, user};
use crate::{Mention, MentionedBy, Store, Written};

fn by(message: &Message, people: &[UserId]) -> MentionedBy {
    let (chat, seq, at) = (message.chat, message.seq, message.created_at);
    MentionedBy { chat, seq, at, version: message.cseq, people: people.to_vec() }
}

fn place(message: &Message) -> Mention {
    Mention { at: message.created_at, chat: message.chat, seq: message.seq }
}

async fn settle(store: &Store, message: &Message, people: &[UserId]) {
    store.mentions.settle(&by(message, people)).await.expect("settles");
}

async fn list(store: &Store, user: UserId) -> Vec<Mention> {
    store.mentions.list(user, None, 100).await.expect("lists")
}

async fn message(store: &Store, chat: ChatId, id: &str) -> Message {
    sent(store, chat, text(user(), id, id)).await
}

async fn edited(store: &Store, message: &Message, text: &str) -> Message {
    match edit(store, message.chat, message.seq, text).await {
        Written::Revised(message) => message,
        other => panic!("expected an edit, not {other:?}"),
    }
}

pub async fn a_mention_is_listed_once_however_often_it_is_settled(store: Store) {
    let (chat, ann, bo) = (filled(&store, 0).await, user(), user());
    let message = message(&store, chat, "a").await;
    settle(&store, &message, &[ann, bo]).await;
    settle(&store, &message, &[ann, bo]).await;
    assert_eq!(list(&store, ann).await, [place(&message)]);
    assert_eq!(list(&store, bo).await, [place(&message)]);
    assert_eq!(list(&store, user()).await, []);
    assert_eq!(store.mentions.count(ann, &[(chat, -1)]).await.expect("counts"), [1]);
}

pub async fn an_edit_adds_and_takes_out(store: Store) {
    let (chat, ann, bo) = (filled(&store, 3).await, user(), user());
    let first = message(&store, chat, "a").await;
    settle(&store, &first, &[ann]).await;
    let second = edited(&store, &first, "b").await;
    settle(&store, &second, &[bo]).await;
    assert_eq!(list(&store, ann).await, []);
    assert_eq!(list(&store, bo).await, [place(&first)]);
    let third = edited(&store, &second, "c").await;
    settle(&store, &third, &[ann, bo]).await;
    assert_eq!(list(&store, ann).await, [place(&first)], "back again");
    let last = edited(&store, &third, "d").await;
    settle(&store, &last, &[]).await;
    assert_eq!(list(&store, ann).await, []);
    assert_eq!(store.mentions.count(bo, &[(chat, -1)]).await.expect("counts"), [0]);
}

pub async fn an_older_version_that_comes_late_changes_nothing(store: Store) {
    let (chat, ann, bo) = (filled(&store, 1).await, user(), user());
    let first = message(&store, chat, "a").await;
    let second = edited(&store, &first, "b").await;
    settle(&store, &second, &[bo]).await;
    settle(&store, &first, &[ann]).await;
    assert_eq!(list(&store, ann).await, [], "it was never in the newer version");
    assert_eq!(list(&store, bo).await, [place(&first)], "and stays in it");
}

pub async fn mentions_come_newest_first_page_by_page(store: Store) {
    let ann = user();
    let chats = [filled(&store, 0).await, filled(&store, 0).await];
    let mut all = Vec::new();
    for n in 0..11 {
        let message = message(&store, chats[n % 2], &format!("m{n}")).await;
        settle(&store, &message, &[ann, user()]).await;
        all.push(place(&message));
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(list(&store, ann).await, all);
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = store.mentions.list(ann, after.as_ref(), 3).await.expect("lists");
        after = page.last().copied();
        if page.is_empty() {
            break;
        }
        walked.extend(page);
    }
    assert_eq!(walked, all);
}

pub async fn mentions_above_a_number_are_counted_for_each_chat(store: Store) {
    let (ann, one, two) = (user(), filled(&store, 0).await, filled(&store, 0).await);
    for (chat, count) in [(one, 4), (two, 2)] {
        for n in 0..count {
            settle(&store, &message(&store, chat, &format!("m{n}")).await, &[ann]).await;
        }
    }
    let above = [(two, -1), (one, 1), (filled(&store, 1).await, -1), (one, 3), (one, -1)];
    assert_eq!(store.mentions.count(ann, &above).await.expect("counts"), [2, 2, 0, 0, 4]);
    assert_eq!(store.mentions.count(user(), &above).await.expect("counts"), [0; 5]);
    assert!(store.mentions.count(ann, &[]).await.expect("counts").is_empty());
}
