//! A client that is written from `docs/PROTOCOL.md` alone, over JSON as it comes, behind a bus that loses,
//! doubles, delays and reorders: it ends with what a fresh one fetches.

mod reader;
mod story;

use std::{sync::Arc, time::Duration};

use petit_bus_faulty::{Faults, FaultyBus};
use petit_bus_local::LocalBus;
use petit_plexer::Settings;
use petit_ports::SystemRandom;
use tokio::time::Instant;

use self::{reader::Reader, story::Story};
use crate::support::{Server, fast};

fn faults() -> Faults {
    Faults { drop: 15, double: 15, reorder: 15, delay: Duration::from_millis(20) }
}

async fn server() -> Server {
    let bus = FaultyBus::new(Arc::new(LocalBus::new()), faults(), Arc::new(SystemRandom));
    let settings = Settings {
        compare_every: Duration::from_millis(200),
        compare_grace: Duration::from_millis(100),
        ..fast()
    };
    Server::on(Arc::new(bus), settings).await
}

#[tokio::test]
async fn a_client_that_is_written_from_the_page_ends_with_what_a_fresh_one_fetches() {
    let server = server().await;
    let mut story = Story::begin(&server).await;
    let bob = story.bob.clone();
    let mut reader = Reader::open(&server, &bob).await;
    for step in 0..120 {
        story.step(&server).await;
        reader.hear_for(Duration::from_millis(2)).await;
        match step % 40 {
            13 => reader = reader.broken_off(&server, &bob, true).await,
            27 => reader = reader.broken_off(&server, &bob, false).await,
            _ => {}
        }
    }
    server.app.settle().await;
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        reader.hear_for(Duration::from_millis(300)).await;
        // Now and then, while somebody looks, the first page of the list.
        reader.read_list().await;
        let (fresh, shown) = (Reader::open(&server, &bob).await.shown(), reader.shown());
        if fresh == shown {
            break;
        }
        assert!(Instant::now() < deadline, "the client holds {shown:#}\nand the server has {fresh:#}");
    }
}
