#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ScheduledId, TimerId, Timestamp, UserId};

use super::world::{at, chat, client_id, made_chat, now, sent, text, user};
use crate::{NewMessage, Scheduled, ScheduledState, Store, Why, Wish, Written};

fn made(author: UserId, send_at: Timestamp) -> Scheduled {
    Scheduled {
        id: ScheduledId::from_uuid(user().uuid()),
        author,
        chat: chat(),
        text: "later: é ☕".to_owned(),
        client_id: client_id("a"),
        reply_to: None,
        send_at,
        created_at: at(0),
        timer: TimerId::from_uuid(user().uuid()),
        state: ScheduledState::Waiting,
        is_held: false,
    }
}

async fn kept(store: &Store, author: UserId, send_at: Timestamp) -> Scheduled {
    let scheduled = made(author, send_at);
    assert_eq!(store.scheduled.put(&scheduled).await.expect("is kept"), None);
    scheduled
}

async fn get(store: &Store, one: &Scheduled) -> Option<Scheduled> {
    store.scheduled.get(one.author, one.id).await.expect("reads")
}

async fn all(store: &Store, author: UserId) -> Vec<Scheduled> {
    store.scheduled.list(author, None, 100).await.expect("reads")
}

fn in_state(one: &Scheduled, state: ScheduledState) -> Scheduled {
    Scheduled { state, ..one.clone() }
}

pub async fn it_is_kept_once(store: Store) {
    let first = kept(&store, user(), at(10)).await;
    let again = Scheduled { text: "other".to_owned(), ..first.clone() };
    assert_eq!(store.scheduled.put(&again).await.expect("asks"), Some(first.clone()));
    assert_eq!(get(&store, &first).await, Some(first));
}

pub async fn it_comes_back_whole(store: Store) {
    let one = Scheduled { reply_to: Some(7), text: "x".repeat(16_384), ..made(user(), at(10)) };
    store.scheduled.put(&one).await.expect("is kept");
    assert_eq!(get(&store, &one).await, Some(one.clone()));
    let failed = in_state(&one, ScheduledState::Failed("forbidden".to_owned()));
    let without = Scheduled { reply_to: None, send_at: at(99), text: "y".to_owned(), ..failed };
    assert!(store.scheduled.swap(&one, Some(&without)).await.expect("is changed"));
    assert_eq!(get(&store, &one).await, Some(without));
    assert_eq!(store.scheduled.get(one.author, made(user(), at(0)).id).await.expect("reads"), None);
}

pub async fn whether_it_is_held_is_kept_and_may_change(store: Store) {
    let (held, other) = (Scheduled { is_held: true, ..made(user(), at(10)) }, made(user(), at(10)));
    for one in [&held, &other] {
        store.scheduled.put(one).await.expect("is kept");
        let sending = in_state(one, ScheduledState::Sending);
        assert!(store.scheduled.swap(one, Some(&sending)).await.expect("begins"));
        assert_eq!(get(&store, one).await, Some(sending.clone()));
        let changed = Scheduled { is_held: !one.is_held, ..one.clone() };
        assert!(store.scheduled.swap(&sending, Some(&changed)).await.expect("is changed"));
        assert_eq!(get(&store, one).await, Some(changed));
    }
}

pub async fn a_list_is_soonest_first_and_walked_once(store: Store) {
    let author = user();
    let mut expected = Vec::new();
    for micros in [30, 10, 20, 20, 40] {
        expected.push(kept(&store, author, at(micros)).await);
    }
    expected.sort_by_key(|one| (one.send_at, one.id));
    let (mut after, mut walked) = (None, Vec::new());
    loop {
        let page = store.scheduled.list(author, after.as_ref(), 2).await.expect("reads");
        let Some(last) = page.last() else { break };
        after = Some((last.send_at, last.id));
        walked.extend(page);
    }
    assert_eq!(walked, expected);
}

pub async fn what_was_sent_is_in_no_list(store: Store) {
    let author = user();
    let soon = now().plus_seconds(60);
    let (sent, failed) = (kept(&store, author, now()).await, kept(&store, author, soon).await);
    store.scheduled.swap(&sent, Some(&in_state(&sent, ScheduledState::Sent))).await.expect("is sent");
    let told = in_state(&failed, ScheduledState::Failed("not_found".to_owned()));
    store.scheduled.swap(&failed, Some(&told)).await.expect("fails");
    assert_eq!(all(&store, author).await, [told]);
    assert_eq!(get(&store, &sent).await.map(|one| one.state), Some(ScheduledState::Sent));
}

pub async fn a_swap_needs_what_it_saw(store: Store) {
    let one = kept(&store, user(), at(10)).await;
    let changed =
        Scheduled { timer: TimerId::from_uuid(user().uuid()), text: "new".to_owned(), ..one.clone() };
    assert!(store.scheduled.swap(&one, Some(&changed)).await.expect("is changed"));
    assert!(!store.scheduled.swap(&one, None).await.expect("asks"), "the timer is another");
    let sending = in_state(&changed, ScheduledState::Sending);
    assert!(store.scheduled.swap(&changed, Some(&sending)).await.expect("begins"));
    assert!(!store.scheduled.swap(&changed, None).await.expect("asks"), "the state is another");
    assert_eq!(get(&store, &one).await, Some(sending.clone()));
    let failed = in_state(&sending, ScheduledState::Failed("forbidden".to_owned()));
    assert!(store.scheduled.swap(&sending, Some(&failed)).await.expect("fails"));
    assert!(store.scheduled.swap(&failed, None).await.expect("is removed"));
    assert!(!store.scheduled.swap(&failed, Some(&changed)).await.expect("asks"), "nothing is there");
    assert_eq!(get(&store, &one).await, None);
}

pub async fn of_sending_and_cancelling_one_wins(store: Store) {
    for _ in 0..8 {
        let one = kept(&store, user(), at(10)).await;
        let sending = in_state(&one, ScheduledState::Sending);
        let tries = [Some(sending.clone()), None, Some(sending.clone()), None].map(|after| {
            let (store, before) = (store.clone(), one.clone());
            tokio::spawn(async move { store.scheduled.swap(&before, after.as_ref()).await.expect("swaps") })
        });
        let mut won = Vec::new();
        for swap in tries {
            won.push(swap.await.expect("ends well"));
        }
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        let is_sent = won[0] || won[2];
        assert_eq!(get(&store, &one).await, is_sent.then_some(sending));
    }
}

pub async fn a_removed_one_may_come_again(store: Store) {
    let one = kept(&store, user(), at(10)).await;
    assert!(store.scheduled.swap(&one, None).await.expect("is removed"));
    let again = Scheduled { timer: TimerId::from_uuid(user().uuid()), ..one };
    assert_eq!(store.scheduled.put(&again).await.expect("is kept"), None);
    assert_eq!(all(&store, again.author).await, [again]);
}

pub async fn each_author_has_their_own(store: Store) {
    let one = kept(&store, user(), at(10)).await;
    let other = Scheduled { author: user(), ..one.clone() };
    assert_eq!(store.scheduled.put(&other).await.expect("is kept"), None);
    assert!(store.scheduled.swap(&one, None).await.expect("is removed"));
    assert_eq!(all(&store, one.author).await, []);
    assert_eq!(all(&store, other.author).await, [other]);
}

/// How it is asked whether a client id was sent: with a message that cannot be written.
pub async fn an_answer_to_nothing_tells_whether_its_client_id_was_sent(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let first = sent(&store, chat, text(author, "sent", "x")).await;
    let ask = async |id: &str| {
        let question = NewMessage { reply_to: Some(i64::MAX), ..text(author, id, "") };
        store.log_writer.write(chat, Wish::Append(question)).await.expect("answers")
    };
    assert_eq!(ask("sent").await, Written::Repeated(first));
    assert_eq!(ask("other").await, Written::Refused(Why::NoSuchReply));
    assert_eq!(
        store.log.head(chat).await.expect("reads").map(|head| head.seq),
        Some(0),
        "nothing was written"
    );
}
