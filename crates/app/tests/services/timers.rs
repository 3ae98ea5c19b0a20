//! Workers on a real store.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use petit_app::{
    AppError,
    ports::{Clock, Shard, SystemClock, SystemRandom, Timer, TimerStore},
    timers::{Effects, Figures, Parts, Settings, start},
};
use petit_domain::{ChatId, TimerId, Timestamp};
use petit_testkit::TestApp;
use serde_json::json;
use std::sync::Mutex;
use uuid::Uuid;

/// Remembers what was fired, and how late.
#[derive(Default)]
struct Fired(Mutex<HashMap<TimerId, Vec<i64>>>);

#[async_trait]
impl Effects for Fired {
    fn knows(&self, kind: &str) -> bool {
        kind == "known"
    }

    async fn fire(&self, timer: &Timer) -> Result<(), AppError> {
        let late = SystemClock.now().micros() - timer.due.micros();
        self.0.lock().expect("a lock").entry(timer.id).or_default().push(late);
        Ok(())
    }
}

impl Fired {
    fn count(&self) -> usize {
        self.0.lock().expect("a lock").len()
    }
}

fn fresh() -> Uuid {
    use petit_app::ports::Random;
    ChatId::mint(SystemClock.now(), SystemRandom.next_u64()).uuid()
}

fn timer(due: Timestamp, kind: &str) -> Timer {
    let (id, about) = (TimerId::from_uuid(fresh()), fresh());
    Timer { id, shard: Shard::about(about), due, kind: kind.to_owned(), body: json!({"n": 1}) }
}

fn worker(store: &Arc<dyn TimerStore>, fired: &Arc<Fired>, settings: Settings) -> (Arc<Figures>, Working) {
    let figures = Arc::<Figures>::default();
    let parts = Parts {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        effects: fired.clone(),
        figures: figures.clone(),
        settings,
    };
    (figures, Working(start(parts)))
}

/// A worker that ends with its test.
struct Working(tokio::task::JoinHandle<()>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn within(seconds: u64, what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eighteen_thousand_timers_of_one_second_all_fire_over_two_workers() {
    const ALL: usize = 18_000;
    let app = TestApp::start().await;
    let (store, fired) = (app.store().timers.clone(), Arc::<Fired>::default());
    let (one, _one) = worker(&store, &fired, Settings::Among(fresh()));
    let (other, _other) = worker(&store, &fired, Settings::Among(fresh()));
    within(30, "both share the shards", || one.held() == 8 && other.held() == 8).await;
    let second = SystemClock.now().plus_seconds(5);
    let puts = (0..ALL).map(|n| {
        let due = Timestamp::from_micros(second.micros() + (n as i64) * 1_000_000 / ALL as i64);
        let (store, timer) = (store.clone(), timer(due, "known"));
        tokio::spawn(async move { store.put(&timer).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.expect("ends").expect("puts");
    }
    within(60, "all fire", || fired.count() == ALL).await;
    let fired = fired.0.lock().expect("a lock").clone();
    let mut late: Vec<i64> = fired.values().map(|times| times[0]).collect();
    late.sort_unstable();
    let twice = fired.values().filter(|times| times.len() > 1).count();
    println!("late: median {} ms, most {} ms; {twice} twice", late[ALL / 2] / 1_000, late[ALL - 1] / 1_000);
    assert!(late[0] >= 0, "none fires early");
    assert_eq!(twice, 0, "without trouble none fires twice");
    assert!(one.fired() > 4_000 && other.fired() > 4_000, "both did their part");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_alone_fires_at_the_time_and_rests_until_then() {
    let app = TestApp::start().await;
    let fired = Arc::<Fired>::default();
    let store = app.store().timers.clone();
    let soon = timer(SystemClock.now().plus_millis(3_000), "known");
    store.put(&soon).await.expect("puts");
    let (figures, _working) = worker(&app.app.store().timers.clone(), &fired, Settings::Alone);
    within(10, "it holds every shard", || figures.held() == 16).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.spy.take_calls();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(app.spy.take_calls(), Vec::<&str>::new(), "at rest it asks nothing");
    within(10, "it fires", || fired.count() == 1).await;
    let late = fired.0.lock().expect("a lock")[&soon.id][0];
    assert!((0..500_000).contains(&late), "{late} µs late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_that_share_fire_at_the_time_and_not_at_their_next_look() {
    const ALL: usize = 41;
    let app = TestApp::start().await;
    let (store, fired) = (app.store().timers.clone(), Arc::<Fired>::default());
    let (one, _one) = worker(&store, &fired, Settings::Among(fresh()));
    within(30, "it holds every shard", || one.held() == 16).await;
    // As other processes put them: nobody wakes this one.
    let begin = SystemClock.now();
    for n in 0..ALL as i64 {
        store.put(&timer(begin.plus_millis(1_500 + 73 * n), "known")).await.expect("puts");
    }
    within(30, "all fire", || fired.count() == ALL).await;
    let fired = fired.0.lock().expect("a lock").clone();
    let mut late: Vec<i64> = fired.values().map(|times| times[0]).collect();
    late.sort_unstable();
    assert!(late[0] >= 0, "none fires early");
    // By looks of a second alone, half of them would come more than half a second late.
    assert!(late[ALL / 2] < 250_000, "{} µs late", late[ALL / 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_here_knows_waits_for_a_newer_version_and_holds_up_nobody() {
    let app = TestApp::start().await;
    let (store, fired) = (app.store().timers.clone(), Arc::<Fired>::default());
    let past = SystemClock.now().plus_seconds(-5);
    let strange = timer(past, "newer");
    let about = Timer { kind: "known".to_owned(), id: TimerId::from_uuid(fresh()), ..strange.clone() };
    let later = Timer { due: past.plus_seconds(1), ..about.clone() };
    for timer in [&strange, &about, &later] {
        store.put(timer).await.expect("puts");
    }
    let (figures, _working) = worker(&store, &fired, Settings::Alone);
    within(10, "the others fire", || figures.fired() == 2).await;
    let after = (Timestamp::from_micros(0), TimerId::from_uuid(Uuid::nil()));
    let left = store.due(strange.shard, after, SystemClock.now(), 9).await.expect("reads");
    assert_eq!(left, [strange]);
}

/// Sets another timer when the first one fires, which is past its time already.
struct Chain(Arc<petit_app::App>, Fired);

#[async_trait]
impl Effects for Chain {
    fn knows(&self, _: &str) -> bool {
        true
    }

    async fn fire(&self, timer: &Timer) -> Result<(), AppError> {
        if timer.kind == "first" {
            let second = TimerId::from_uuid(Uuid::from_u128(timer.id.uuid().as_u128() + 1));
            let next =
                Timer { id: second, due: timer.due.plus_seconds(1), kind: "known".into(), ..timer.clone() };
            petit_app::timers::put(&self.0, &next).await?;
        }
        self.1.fire(timer).await
    }
}

#[tokio::test]
async fn a_timer_that_is_put_too_late_while_its_worker_looks_fires_at_once() {
    let app = TestApp::start().await;
    let chain = Arc::new(Chain(app.app.clone(), Fired::default()));
    let first = timer(app.app.now().plus_seconds(-5), "first");
    app.store().timers.put(&first).await.expect("puts");
    let _working = Working(petit_app::timers::spawn(&app.app, chain.clone(), Settings::Alone));
    within(10, "both fire", || chain.1.count() == 2).await;
}

#[tokio::test]
async fn a_scheduled_message_is_sent_by_the_worker_of_its_process() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let working = Working(petit_app::timers::spawn(&app.app, app.app.clone(), Settings::Alone));
    let send_at = app.app.now().plus_millis(700);
    let body = json!({"text": "later", "client_id": "a", "send_at": send_at});
    app.as_("alice").post(&format!("/v1/chats/{chat}/scheduled"), body).await.expect(201);
    app.clock.advance(1);
    petit_testkit::eventually("it is sent", async || {
        let messages = app.as_("bob").all(&format!("/v1/chats/{chat}/messages"), 9).await;
        messages.len() == 1
    })
    .await;
    drop(working);
}
