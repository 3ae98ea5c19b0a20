//! Two workers share the timers of a real Cassandra.

mod support;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use petit_app::{
    AppError,
    timers::{Effects, Figures, Parts, Settings, start},
};
use petit_domain::{TimerId, Timestamp};
use petit_ports::{Clock, Random, Shard, SystemClock, SystemRandom, Timer, TimerStore};
use serde_json::json;
use uuid::Uuid;

const ALL: usize = 18_000;

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

fn timer(due: Timestamp) -> Timer {
    let id = TimerId::mint(due, SystemRandom.next_u64());
    Timer { id, shard: Shard::about(id.uuid()), due, kind: "known".to_owned(), body: json!({"n": 1}) }
}

fn worker(store: &Arc<dyn TimerStore>, fired: &Arc<Fired>) -> (Arc<Figures>, tokio::task::JoinHandle<()>) {
    let figures = Arc::<Figures>::default();
    let me = Uuid::from_u64_pair(SystemRandom.next_u64(), SystemRandom.next_u64());
    let parts = Parts {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        effects: fired.clone(),
        figures: figures.clone(),
        settings: Settings::Among(me),
    };
    (figures, start(parts))
}

async fn within(seconds: u64, what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn eighteen_thousand_timers_of_one_second_all_fire_over_two_workers_on_cassandra() {
    let opened = support::fresh().await;
    let (store, fired) = (opened.store.timers, Arc::<Fired>::default());
    let ((one, first), (other, second)) = (worker(&store, &fired), worker(&store, &fired));
    within(60, "both share the shards", || one.held() == 8 && other.held() == 8).await;
    let due = SystemClock.now().plus_seconds(45);
    let puts = stream::iter(0..ALL).map(|n| {
        let due = Timestamp::from_micros(due.micros() + (n as i64) * 1_000_000 / ALL as i64);
        let store = store.clone();
        async move { store.put(&timer(due)).await.expect("puts") }
    });
    puts.buffer_unordered(128).collect::<Vec<()>>().await;
    println!("put {} ms before they are due", (due.micros() - SystemClock.now().micros()) / 1_000);
    within(180, "all fire", || fired.0.lock().expect("a lock").len() == ALL).await;
    within(60, "nothing waits", || one.waiting() + other.waiting() == 0).await;
    let fired = fired.0.lock().expect("a lock").clone();
    let mut late: Vec<i64> = fired.values().map(|times| times[0]).collect();
    late.sort_unstable();
    let twice = fired.values().filter(|times| times.len() > 1).count();
    println!("late: median {} ms, most {} ms; {twice} twice", late[ALL / 2] / 1_000, late[ALL - 1] / 1_000);
    assert!(late[0] >= 0, "none fires early");
    assert!(one.fired() > 4_000 && other.fired() > 4_000, "both did their part");
    first.abort();
    // What the one that ended had is taken over.
    within(60, "the other takes all shards", || other.held() == 16).await;
    second.abort();
}
