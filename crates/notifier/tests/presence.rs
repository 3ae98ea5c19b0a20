//! Two plexers and two notifiers: who is here is the same for all.

mod support;

use std::{sync::Arc, time::Duration};

use petit_domain::{Event, Presence, Timestamp, UserId};
use petit_notifier::{
    Guard, Peers, RemoteBoard,
    proto::{WatchFrame, notifier_client::NotifierClient},
};
use petit_presence::PresenceBoard;
use petit_testkit::{TestApp, eventually};
use tokio::time::sleep;
use uuid::Uuid;

use self::support::{Node, fast};

/// A random name of a plexer, far enough from the others for the streams that each makes.
fn name(number: u128) -> Uuid {
    Uuid::from_u128(number << 64)
}

/// A plexer as far as presence goes: it is swept, as a real one is.
struct Plexer {
    board: Arc<RemoteBoard>,
    sweeping: tokio::task::JoinHandle<()>,
}

impl Plexer {
    async fn start(number: u128, app: &TestApp, notifiers: &[&Node]) -> Self {
        let urls: Vec<_> = notifiers.iter().map(|node| node.url()).collect();
        let peers = Peers::new(&urls, &Guard::open()).expect("addresses");
        let (bus, clock) = (app.app.bus().clone(), app.app.clock().clone());
        let board = Arc::new(RemoteBoard::start(peers, name(number), bus, clock, &fast()));
        let swept = board.clone();
        let sweeping = tokio::spawn(async move {
            loop {
                swept.sweep().await;
                sleep(Duration::from_millis(20)).await;
            }
        });
        eventually("all notifiers answer", async || board.connected() == notifiers.len()).await;
        Self { board, sweeping }
    }

    async fn shown(&self, user: UserId) -> Presence {
        self.board.shown(&[user]).await[0].presence
    }

    /// As if the process had been killed.
    fn kill(self) {
        self.sweeping.abort();
    }
}

/// Nobody asks at a moment at which any of them is not here.
async fn stay_here(plexers: &[&Plexer], users: &[UserId], during: Duration) {
    let end = tokio::time::Instant::now() + during;
    while tokio::time::Instant::now() < end {
        for (plexer, user) in plexers.iter().flat_map(|plexer| users.iter().map(move |user| (plexer, user))) {
            assert_ne!(plexer.shown(*user).await, Offline);
        }
        sleep(Duration::from_millis(15)).await;
    }
}

/// The presences told of a person by now.
fn told(app: &TestApp, user: UserId) -> Vec<Presence> {
    let published = app.bus.published(0);
    let of = |event: &Event| match event {
        Event::PresenceChanged { user: of, presence, .. } if *of == user => Some(*presence),
        _ => None,
    };
    published.iter().filter_map(|(_, announcement)| of(announcement.event()?)).collect()
}

async fn pair() -> (Arc<TestApp>, [Node; 2]) {
    let one = Node::start().await;
    let other = Node::at(([127, 0, 0, 1], 0).into(), one.app.clone()).await;
    (one.app.clone(), [one, other])
}

use Presence::{Away, Offline, Online};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_one_of_two_plexers_is_still_here() {
    let (app, [one, other]) = pair().await;
    let (a, b) =
        (Plexer::start(1, &app, &[&one, &other]).await, Plexer::start(2, &app, &[&one, &other]).await);
    let user = app.id("alice");
    a.board.report(user, Online).await;
    eventually("told", async || told(&app, user) == [Online]).await;
    b.board.report(user, Away).await;
    eventually("both know", async || a.shown(user).await == Online && b.shown(user).await == Online).await;
    a.board.report(user, Offline).await;
    eventually("what is left counts", async || told(&app, user) == [Online, Away]).await;
    b.board.report(user, Offline).await;
    eventually("gone from both", async || a.shown(user).await == Offline).await;
    assert_eq!(told(&app, user), [Online, Away, Offline]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_plexer_that_died_are_gone_and_those_of_others_are_not() {
    let (app, [one, other]) = pair().await;
    let (a, b) =
        (Plexer::start(1, &app, &[&one, &other]).await, Plexer::start(2, &app, &[&one, &other]).await);
    let (alice, bob) = (app.id("alice"), app.id("bob"));
    a.board.report(alice, Online).await;
    a.board.report(bob, Online).await;
    b.board.report(bob, Online).await;
    eventually("all know", async || b.shown(alice).await == Online && b.shown(bob).await == Online).await;
    a.kill();
    eventually("the dead plexer's people are gone", async || b.shown(alice).await == Offline).await;
    sleep(fast().lease).await;
    assert_eq!((b.shown(bob).await, told(&app, bob)), (Online, vec![Online]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_notifier_dies_its_people_move_and_nobody_is_told_that_they_went() {
    let (app, [one, other]) = pair().await;
    let (a, b) =
        (Plexer::start(1, &app, &[&one, &other]).await, Plexer::start(2, &app, &[&one, &other]).await);
    let users: Vec<_> = ["alice", "bob", "carol", "mallory"].map(|name| app.id(name)).to_vec();
    for user in &users {
        a.board.report(*user, Online).await;
        b.board.report(*user, Away).await;
    }
    for user in &users {
        eventually("both know", async || a.shown(*user).await == Online && b.shown(*user).await == Online)
            .await;
    }
    // Half of them are on one plexer only: the other knows nothing of them by itself.
    for user in &users[..2] {
        b.board.report(*user, Offline).await;
    }
    let (address, _) = one.kill();
    // Long enough for everybody to be told gone, had anybody been believed to be.
    stay_here(&[&a, &b], &users, fast().lease + fast().offline_after * 2).await;
    let back = Node::at(address, app.clone()).await;
    stay_here(&[&a, &b], &users, fast().lease).await;
    for user in &users {
        assert_eq!((a.shown(*user).await, b.shown(*user).await), (Online, Online));
        assert!(!told(&app, *user).contains(&Offline), "{:?}", told(&app, *user));
    }
    drop((back, other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notifier_that_stood_still_believes_nobody_dead_and_nobody_here_who_left_meanwhile() {
    let (app, [one, other]) = pair().await;
    let a = Plexer::start(1, &app, &[&one, &other]).await;
    let users: Vec<_> = (0..16).map(|number| UserId::mint(Timestamp::from_micros(1), number)).collect();
    for user in &users {
        a.board.report(*user, Online).await;
        eventually("told", async || told(&app, *user) == [Online]).await;
    }
    let (leave, stay) = users.split_at(8);
    one.freeze(fast().lease * 4);
    eventually("it is left out", async || a.board.connected() == 1).await;
    for user in leave {
        a.board.report(*user, Offline).await;
        eventually("who leaves meanwhile is gone", async || a.shown(*user).await == Offline).await;
    }
    eventually("it goes on", async || a.board.connected() == 2).await;
    sleep(fast().lease * 2 + fast().offline_after * 2).await;
    for user in leave {
        assert_eq!(a.shown(*user).await, Offline);
    }
    for user in stay {
        assert_eq!(a.shown(*user).await, Online);
        assert!(!told(&app, *user).contains(&Offline), "{:?}", told(&app, *user));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_no_notifier_answers_a_plexer_tells_what_it_knows() {
    let node = Node::start().await;
    let app = node.app.clone();
    let plexer = Plexer::start(1, &app, &[&node]).await;
    let (alice, bob) = (app.id("alice"), app.id("bob"));
    plexer.board.report(alice, Online).await;
    eventually("told", async || told(&app, alice) == [Online]).await;
    node.kill();
    eventually("the plexer notices", async || plexer.board.connected() == 0).await;
    plexer.board.report(bob, Online).await;
    assert_eq!((plexer.shown(alice).await, plexer.shown(bob).await), (Online, Online));
    assert_eq!(told(&app, bob), [Online]);
    plexer.board.report(bob, Offline).await;
    eventually("and who goes", async || told(&app, bob) == [Online, Offline]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_watches_gets_people_as_they_are_and_every_change() {
    let node = Node::start().await;
    let app = node.app.clone();
    let plexer = Plexer::start(1, &app, &[&node]).await;
    let (alice, bob) = (app.id("alice"), app.id("bob"));
    plexer.board.report(alice, Online).await;
    eventually("told", async || told(&app, alice) == [Online]).await;
    let mut client = NotifierClient::connect(node.url()).await.expect("it answers");
    let (ask, frames) = tokio::sync::mpsc::channel(4);
    let watch = [alice, bob].map(|user| user.uuid().as_bytes().to_vec().into()).to_vec();
    ask.send(WatchFrame { watch, ..WatchFrame::default() }).await.expect("asked");
    let frames = tokio_stream::wrappers::ReceiverStream::new(frames);
    let mut answers = client.watch_presence(frames).await.expect("a stream").into_inner();
    let mut next = async || {
        let frame = answers.message().await.expect("a frame").expect("not the end");
        (frame.user.to_vec(), frame.presence)
    };
    let (of_alice, of_bob) = (alice.uuid().as_bytes().to_vec(), bob.uuid().as_bytes().to_vec());
    assert_eq!(next().await, (of_alice, 1));
    assert_eq!(next().await, (of_bob.clone(), 3));
    plexer.board.report(bob, Away).await;
    assert_eq!(next().await, (of_bob, 2));
}
