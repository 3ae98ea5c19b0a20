//! Without faults it is a bus like any other; each fault does what it says.

use std::{sync::Arc, time::Duration};

use petit_bus_faulty::{Faults, FaultyBus};
use petit_bus_local::LocalBus;
use petit_domain::{ChatId, Event};
use petit_ports::{Announcement, Bus, Clock, Delivery, Mailbox, Random, Subject, SystemClock, SystemRandom};

mod bus_faulty {
    use std::sync::Arc;

    use petit_bus_faulty::{Faults, FaultyBus};
    use petit_bus_local::LocalBus;
    use petit_ports::{Bus, SystemRandom};

    async fn fresh() -> (Arc<dyn Bus>, ()) {
        let bus = FaultyBus::new(Arc::new(LocalBus::new()), Faults::default(), Arc::new(SystemRandom));
        (Arc::new(bus), ())
    }

    petit_contract::bus_contract!(fresh);
}

const SENT: i64 = 400;

/// Numbers in the order in which they were heard, of four hundred that were published one after the other.
async fn heard(faults: Faults) -> Vec<i64> {
    let bus = FaultyBus::new(Arc::new(LocalBus::new()), faults, Arc::new(SystemRandom));
    let chat = ChatId::mint(SystemClock.now(), SystemRandom.next_u64());
    let (subscriber, mut mailbox) = bus.attach(2_000).await.expect("attaches");
    subscriber.subscribe(Subject::Chat(chat)).await.expect("subscribes");
    for seq in 0..SENT {
        let event =
            Announcement::new(Event::ReadMarkerMoved { chat, seq, unread: 0, mentions: 0, counted: None });
        bus.publish(Subject::Chat(chat), event).await.expect("takes it");
    }
    everything(&mut mailbox).await
}

async fn everything(mailbox: &mut Mailbox) -> Vec<i64> {
    let mut heard = Vec::new();
    while let Ok(Some(delivery)) = tokio::time::timeout(Duration::from_millis(300), mailbox.recv()).await {
        let Delivery::Event(_, announcement) = delivery else { continue };
        if let Some(Event::ReadMarkerMoved { seq, .. }) = announcement.event() {
            heard.push(*seq);
        }
    }
    heard
}

fn sorted(mut numbers: Vec<i64>) -> Vec<i64> {
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn some_events_are_lost_and_the_rest_keep_their_order() {
    let heard = heard(Faults { drop: 20, ..Faults::default() }).await;
    assert!((200..SENT as usize).contains(&heard.len()), "{} of {SENT} came", heard.len());
    assert!(heard.is_sorted());
}

#[tokio::test]
async fn some_events_come_twice_and_none_is_lost() {
    let heard = heard(Faults { double: 20, ..Faults::default() }).await;
    assert!(heard.len() > SENT as usize, "{} came", heard.len());
    let mut each = sorted(heard);
    each.dedup();
    assert_eq!(each, (0..SENT).collect::<Vec<_>>());
}

#[tokio::test]
async fn some_events_are_overtaken_and_none_is_lost() {
    let heard = heard(Faults { reorder: 20, ..Faults::default() }).await;
    assert!(!heard.is_sorted());
    assert_eq!(sorted(heard), (0..SENT).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_are_late_and_none_is_lost() {
    let heard = heard(Faults { delay: Duration::from_millis(20), ..Faults::default() }).await;
    assert_eq!(sorted(heard), (0..SENT).collect::<Vec<_>>());
}
