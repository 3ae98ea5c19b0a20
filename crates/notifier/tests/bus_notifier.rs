//! The laws of the bus, through a notifier.

mod support;

use std::{sync::Arc, time::Duration};

use petit_domain::{ChatId, Event, Timestamp};
use petit_notifier::NotifierBus;
use petit_ports::{Announcement, Bus, Delivery, Mailbox, Subject};
use uuid::Uuid;

use self::support::Node;

mod bus_notifier {
    use std::sync::Arc;

    use petit_notifier::NotifierBus;
    use petit_ports::Bus;
    use uuid::Uuid;

    use crate::support::Node;

    async fn through_a_notifier() -> (Arc<dyn Bus>, Node) {
        let node = Node::start().await;
        let bus: Arc<dyn Bus> = Arc::new(NotifierBus::new(node.peers(), Uuid::from_u128(1)));
        (bus, node)
    }

    petit_contract::bus_contract!(through_a_notifier);
}

fn chat(number: u64) -> ChatId {
    ChatId::mint(Timestamp::from_micros(1), number)
}

fn numbered(seq: i64) -> Arc<Announcement> {
    Announcement::new(Event::ReadMarkerMoved { chat: chat(0), seq, unread: 0, mentions: 0, counted: None })
}

async fn next(mailbox: &mut Mailbox) -> Delivery {
    let next = tokio::time::timeout(Duration::from_secs(10), mailbox.recv()).await;
    next.expect("a delivery comes in time").expect("the mailbox is open")
}

fn seq(delivery: &Delivery) -> Option<i64> {
    let Delivery::Event(_, announcement) = delivery else { return None };
    if let Some(Event::ReadMarkerMoved { seq, .. }) = announcement.event() { Some(*seq) } else { None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_notifier_came_back_a_mailbox_is_told_and_hears_everything_it_wanted() {
    let node = Node::start().await;
    let bus = NotifierBus::new(node.peers(), Uuid::from_u128(1));
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    for number in 0..1_500 {
        subscriber.subscribe(Subject::Chat(chat(number))).await.expect("subscribes");
    }
    subscriber.unsubscribe(Subject::Chat(chat(7))).await.expect("unsubscribes");
    let (address, app) = node.kill();
    bus.publish(Subject::Chat(chat(1)), numbered(0)).await.expect_err("nobody takes it");
    let node = Node::at(address, app).await;
    assert!(matches!(next(&mut mailbox).await, Delivery::Lagged));
    for number in [7, 0, 1_499] {
        let event = numbered(number as i64);
        node.app.app.bus().publish(Subject::Chat(chat(number)), event).await.expect("publishes");
    }
    assert_eq!(seq(&next(&mut mailbox).await), Some(0), "not what was given up before");
    assert_eq!(seq(&next(&mut mailbox).await), Some(1_499));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_notifier_is_gone_the_next_is_taken() {
    let one = Node::start().await;
    let other = Node::at(([127, 0, 0, 1], 0).into(), one.app.clone()).await;
    let peers = petit_notifier::Peers::new(&[one.url(), other.url()], &petit_notifier::Guard::open());
    let bus = NotifierBus::new(peers.expect("addresses"), Uuid::from_u128(1));
    let (subscriber, mut mailbox) = bus.attach(8).await.expect("attaches");
    subscriber.subscribe(Subject::Chat(chat(1))).await.expect("subscribes");
    one.kill();
    assert!(matches!(next(&mut mailbox).await, Delivery::Lagged));
    bus.publish(Subject::Chat(chat(1)), numbered(5)).await.expect("publishes");
    assert_eq!(seq(&next(&mut mailbox).await), Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_no_notifier_answers_subscriptions_are_refused_at_once() {
    let node = Node::start().await;
    let peers = node.peers();
    node.kill();
    let bus = NotifierBus::new(peers, Uuid::from_u128(1));
    let (subscriber, _mailbox) = bus.attach(8).await.expect("attaches");
    let begun = std::time::Instant::now();
    for number in 0..100 {
        subscriber.subscribe(Subject::Chat(chat(number))).await.expect_err("nobody to ask");
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plexer_that_reads_nothing_costs_the_notifier_a_bounded_queue() {
    let node = Node::start().await;
    let bus = NotifierBus::new(node.peers(), Uuid::from_u128(1));
    let (subscriber, mut mailbox) = bus.attach(100).await.expect("attaches");
    subscriber.subscribe(Subject::Chat(chat(1))).await.expect("subscribes");
    for number in 0..20_000 {
        node.app.app.bus().publish(Subject::Chat(chat(1)), numbered(number)).await.expect("publishes");
    }
    let mut heard = 0;
    while !matches!(next(&mut mailbox).await, Delivery::Lagged) {
        heard += 1;
    }
    assert!((1..=400).contains(&heard), "{heard} of 20000 were kept");
}
