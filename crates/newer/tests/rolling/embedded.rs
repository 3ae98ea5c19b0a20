//! One process on one folder, which changes its version.

use std::{net::SocketAddr, path::PathBuf, thread::sleep, time::Duration};

use tempfile::TempDir;

use crate::{
    Version::{self, Next, This},
    crowd::Crowd,
    eventually,
    ledger::fetch,
    polls::{self, ballot, closings, seq},
    support::{Server, ports::free},
};

struct House {
    _place: TempDir,
    data: PathBuf,
    address: SocketAddr,
    server: Option<Server>,
}

impl House {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let data = place.path().join("data");
        Self { _place: place, data, address: free(), server: None }
    }

    /// The other version on the same folder.
    fn roll(&mut self, to: Version) {
        if let Some(server) = self.server.take() {
            assert_eq!(server.stop().code(), Some(0), "it ends in good order");
        }
        self.server =
            Some(Server::start(&to.program(), &self.data, &["--listen", &self.address.to_string()]));
    }
}

#[test]
fn a_folder_changes_its_version_forward_and_back_under_load_and_nothing_is_lost() {
    let mut house = House::new();
    house.roll(This);
    let server = house.server.as_ref().expect("it runs");
    let tokens: Vec<String> = ["alice", "bob", "carol"].map(|name| server.person(name)).into();
    server.petit(&["user", "add", "root", "--role", "owner"]);
    let root = server.petit(&["token", "create", "root"]).lines().last().expect("a token").to_owned();
    let (door, mut crowd) = (house.address, Crowd::begin(&[house.address], tokens));
    let chat = crowd.chats[0].clone();
    sleep(Duration::from_secs(1));

    // Forward. One poll is closed here; the time of another comes, and a third is begun, while the old version runs.
    house.roll(Next);
    let mut api = crowd.api(door);
    polls::open(&mut api, &chat, "closed by the next", 400, false);
    polls::open(&mut api, &chat, "falls due later", 5_000, false);
    let now = fetch(&mut api, &chat);
    let first = seq(&now, "poll", "closed by the next").expect("it is there");
    let second = seq(&now, "poll", "falls due later").expect("it is there");
    polls::vote(&mut api, &chat, second);
    eventually("the next version tells of it live", || {
        crowd.ears.iter().all(|ear| ear.has_heard("poll_closed", &chat) && ear.has_heard("poll_voted", &chat))
    });
    let now = fetch(&mut api, &chat);
    let told = polls::foreign(&mut api, &chat, &now);
    assert_eq!((told.len(), ballot(&now, first)["answers"][1].as_str()), (3, Some("no")));
    polls::open(&mut api, &chat, "begun and left", 1_000, true);

    // Back.
    house.roll(This);
    sleep(Duration::from_secs(8));
    let mut api = crowd.api(door);
    let now = fetch(&mut api, &chat);
    assert_eq!(polls::foreign(&mut api, &chat, &now), told, "it is carried byte for byte");
    assert_eq!((closings(&now, first), closings(&now, second)), (1, 0), "nobody here knows what to do");
    assert_eq!(seq(&now, "poll", "begun and left"), None);
    assert_eq!(polls::metric(door, &root, "petit_timers_failed_total"), 0.0, "it is not even tried");

    // And forward again.
    house.roll(Next);
    let mut api = crowd.api(door);
    eventually("what was begun is done, and what was due happens", || {
        let now = fetch(&mut api, &chat);
        let left = seq(&now, "poll", "begun and left");
        closings(&now, second) == 1 && left.is_some_and(|left| closings(&now, left) == 1)
    });
    crowd.rest();
    crowd.judge(door);

    // The old version reads all of it.
    house.roll(This);
    crowd.judge(door);
    let closed = fetch(&mut crowd.api(door), &chat);
    assert_eq!(closings(&closed, first) + closings(&closed, second), 2, "each was closed once");
    for ear in &crowd.ears {
        let heard = ear.heard();
        assert_eq!((heard.identified, heard.resumed, heard.sent_away), (1, 4, 4));
    }
    assert_eq!(crowd.mended(), 0, "one process loses no event");
    crowd.was_busy();
}
