#![expect(missing_docs, reason = "the names of laws are sentences")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use petit_domain::{Event, Number, Presence, Weight};

use super::world::{at, chat, user};
use crate::{Announcement, Bus, Delivery, Mailbox, Subject};

type AnyBus = Arc<dyn Bus>;

fn numbered(seq: i64) -> Arc<Announcement> {
    Announcement::new(Event::ReadMarkerMoved { chat: chat(), seq, unread: 0, mentions: 0, counted: None })
}

fn number(delivery: &Delivery) -> Option<i64> {
    match delivery {
        Delivery::Event(_, announcement) => match announcement.event() {
            Some(Event::ReadMarkerMoved { seq, .. }) => Some(*seq),
            _ => None,
        },
        Delivery::Lagged => None,
    }
}

async fn next(mailbox: &mut Mailbox) -> Delivery {
    let next = tokio::time::timeout(Duration::from_secs(5), mailbox.recv()).await;
    next.expect("a delivery comes in time").expect("the mailbox is open")
}

/// Publishes a last event and reads up to it: everything before it that was to come has come.
async fn everything(bus: &AnyBus, subject: Subject, mailbox: &mut Mailbox) -> Vec<i64> {
    bus.publish(subject, numbered(i64::MAX)).await.expect("publishes");
    let mut seen = Vec::new();
    loop {
        match number(&next(mailbox).await) {
            Some(i64::MAX) => return seen,
            other => seen.extend(other),
        }
    }
}

pub async fn subscribers_get_what_is_published(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (one, mut first) = bus.attach(8).await.expect("attaches");
    let (other, mut second) = bus.attach(8).await.expect("attaches");
    one.subscribe(subject).await.expect("subscribes");
    other.subscribe(subject).await.expect("subscribes");
    bus.publish(subject, numbered(1)).await.expect("publishes");
    for mailbox in [&mut first, &mut second] {
        let delivery = next(mailbox).await;
        assert!(matches!(&delivery, Delivery::Event(of, _) if *of == subject));
        assert_eq!(number(&delivery), Some(1));
    }
}

pub async fn others_get_nothing(bus: AnyBus) {
    let id = user();
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(Subject::User(id)).await.expect("subscribes");
    for other in [Subject::User(user()), Subject::Presence(id), Subject::Chat(chat()), Subject::Sessions] {
        bus.publish(other, numbered(1)).await.expect("publishes");
    }
    assert_eq!(everything(&bus, Subject::User(id), &mut mailbox).await, Vec::<i64>::new());
}

pub async fn nothing_is_kept_for_later(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    bus.publish(subject, numbered(1)).await.expect("publishes to nobody");
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    assert_eq!(everything(&bus, subject, &mut mailbox).await, Vec::<i64>::new());
}

pub async fn one_publisher_is_heard_in_order(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (subscriber, mut mailbox) = bus.attach(1_000).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    for n in 0..500 {
        bus.publish(subject, numbered(n)).await.expect("publishes");
    }
    assert_eq!(everything(&bus, subject, &mut mailbox).await, (0..500).collect::<Vec<_>>());
}

pub async fn subscribing_twice_is_once(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    subscriber.subscribe(subject).await.expect("subscribes again");
    bus.publish(subject, numbered(1)).await.expect("publishes");
    assert_eq!(everything(&bus, subject, &mut mailbox).await, [1]);
}

pub async fn after_unsubscribing_nothing_comes(bus: AnyBus) {
    let (left, kept) = (Subject::Chat(chat()), Subject::Chat(chat()));
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(left).await.expect("subscribes");
    subscriber.subscribe(kept).await.expect("subscribes");
    subscriber.unsubscribe(left).await.expect("unsubscribes");
    subscriber.unsubscribe(left).await.expect("again is fine");
    bus.publish(left, numbered(1)).await.expect("publishes");
    assert_eq!(everything(&bus, kept, &mut mailbox).await, Vec::<i64>::new());
    subscriber.subscribe(left).await.expect("subscribes again");
    bus.publish(left, numbered(2)).await.expect("publishes");
    assert_eq!(everything(&bus, left, &mut mailbox).await, [2]);
}

pub async fn a_full_mailbox_is_told_that_it_lagged(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (subscriber, mut mailbox) = bus.attach(4).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    for n in 0..50 {
        bus.publish(subject, numbered(n)).await.expect("publishes");
    }
    let mut seen = Vec::new();
    loop {
        match next(&mut mailbox).await {
            Delivery::Lagged => break,
            delivery => seen.extend(number(&delivery)),
        }
    }
    assert_eq!(seen, (0..seen.len() as i64).collect::<Vec<_>>(), "what came first is whole");
    assert!(is_heard_again(&bus, subject, &mut mailbox).await, "and it goes on afterwards");
}

/// Whether what is published reaches the mailbox once it has room again. A bus may still be bringing what
/// it had taken before.
async fn is_heard_again(bus: &AnyBus, subject: Subject, mailbox: &mut Mailbox) -> bool {
    for _ in 0..50 {
        while mailbox.try_recv().is_ok() {}
        bus.publish(subject, numbered(i64::MAX)).await.expect("publishes");
        let next = tokio::time::timeout(Duration::from_millis(100), mailbox.recv()).await;
        if next.ok().flatten().and_then(|delivery| number(&delivery)) == Some(i64::MAX) {
            return true;
        }
    }
    false
}

pub async fn a_slow_mailbox_holds_up_nobody(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (slow, _unread) = bus.attach(1).await.expect("attaches");
    let (quick, mut mailbox) = bus.attach(200).await.expect("attaches");
    slow.subscribe(subject).await.expect("subscribes");
    quick.subscribe(subject).await.expect("subscribes");
    for n in 0..100 {
        bus.publish(subject, numbered(n)).await.expect("publishes");
    }
    assert_eq!(everything(&bus, subject, &mut mailbox).await, (0..100).collect::<Vec<_>>());
}

pub async fn a_dropped_subscriber_is_forgotten(bus: AnyBus) {
    let subject = Subject::Chat(chat());
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    drop(subscriber);
    bus.publish(subject, numbered(1)).await.expect("publishes");
    let closed = tokio::time::timeout(Duration::from_secs(5), mailbox.recv()).await;
    assert!(closed.expect("the mailbox closes in time").is_none());
}

pub async fn an_event_arrives_as_it_was(bus: AnyBus) {
    let id = user();
    let subject = Subject::Presence(id);
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    let event = Event::PresenceChanged { user: id, presence: Presence::Away, since: at(7) };
    bus.publish(subject, Announcement::new(event.clone())).await.expect("publishes");
    let Delivery::Event(_, announcement) = next(&mut mailbox).await else { panic!("expected an event") };
    assert_eq!(announcement.event(), Some(&event));
    let json: Event = serde_json::from_slice(announcement.json()).expect("its JSON reads back");
    assert_eq!(json, event);
}

pub async fn an_event_of_an_unknown_type_arrives_with_its_bytes_and_its_number(bus: AnyBus) {
    let id = chat();
    let subject = Subject::Chat(id);
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(subject).await.expect("subscribes");
    let json = format!(r#"{{"type":"pinned", "chat":"{id}","seq":4,"cseq":7,"n":"cseq","by":["é",1.0]}}"#);
    let sent = Announcement::received(Bytes::from(json.clone())).expect("it has an envelope");
    bus.publish(subject, sent).await.expect("publishes");
    let Delivery::Event(of, heard) = next(&mut mailbox).await else { panic!("expected an event") };
    assert_eq!((of, &heard.json()[..]), (subject, json.as_bytes()));
    assert_eq!((heard.envelope().number(), heard.envelope().weight), (Some(Number::Cseq(7)), Weight::Chat));
    assert_eq!(heard.event(), None, "nobody knows what it is");
    assert_eq!(everything(&bus, subject, &mut mailbox).await, Vec::<i64>::new(), "and nothing was lost");
}
