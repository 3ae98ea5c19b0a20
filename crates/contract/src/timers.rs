#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{TimerId, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::world::{now, user};
use crate::{Change, Lease, Shard, Store, Timer, TimerPosition};

const EVER: Timestamp = Timestamp::from_micros(i64::MAX);
const START: TimerPosition = (Timestamp::from_micros(0), TimerId::from_uuid(Uuid::nil()));

/// A shard with nothing in it: stores of laws are fresh.
fn shard() -> Shard {
    Shard::about(user().uuid())
}

fn timer(shard: Shard, due: Timestamp) -> Timer {
    let id = TimerId::from_uuid(user().uuid());
    Timer { id, shard, due, kind: "law".to_owned(), body: json!({"text": "é ☕", "n": 7}) }
}

async fn put(store: &Store, shard: Shard, due: Timestamp) -> Timer {
    let timer = timer(shard, due);
    store.timers.put(&timer).await.expect("puts");
    timer
}

async fn due(store: &Store, shard: Shard, after: TimerPosition, until: Timestamp) -> Vec<Timer> {
    store.timers.due(shard, after, until, 100).await.expect("reads")
}

async fn lease(store: &Store, shard: Shard, who: Uuid, now: Timestamp, seconds: i64) -> Option<Lease> {
    store.timers.lease(shard, who, now, now.plus_seconds(seconds)).await.expect("leases")
}

pub async fn a_timer_is_due_until_it_is_done(store: Store) {
    let (shard, at) = (shard(), now());
    let timer = put(&store, shard, at).await;
    assert_eq!(due(&store, shard, START, Timestamp::from_micros(at.micros() - 1)).await, [], "not before");
    assert_eq!(due(&store, shard, START, at).await, std::slice::from_ref(&timer));
    store.timers.done(&timer).await.expect("ends");
    store.timers.done(&timer).await.expect("ends again");
    assert_eq!(due(&store, shard, START, EVER).await, []);
}

pub async fn timers_come_by_due_time_and_pages_walk_them_once(store: Store) {
    let (shard, at) = (shard(), now());
    let mut all = Vec::new();
    for minute in [0, 25, 25, 25, 700, 3, 1] {
        all.push(put(&store, shard, at.plus_seconds(minute * 60)).await);
    }
    all.sort_by_key(Timer::position);
    let (mut after, mut walked) = (START, Vec::new());
    loop {
        let page = store.timers.due(shard, after, EVER, 2).await.expect("reads");
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after = last.position();
        walked.extend(page);
    }
    assert_eq!(walked, all);
}

pub async fn putting_again_changes_nothing(store: Store) {
    let (shard, at) = (shard(), now());
    let timer = put(&store, shard, at).await;
    store.timers.put(&timer).await.expect("puts again");
    assert_eq!(due(&store, shard, START, EVER).await, [timer]);
}

pub async fn one_id_may_be_due_twice(store: Store) {
    let (shard, at) = (shard(), now());
    let first = put(&store, shard, at).await;
    let second = Timer { due: at.plus_seconds(60), ..first.clone() };
    store.timers.put(&second).await.expect("puts");
    store.timers.done(&first).await.expect("ends the first");
    assert_eq!(due(&store, shard, START, EVER).await, [second]);
}

pub async fn shards_do_not_see_each_other(store: Store) {
    let at = now();
    let mut shards = Shard::all();
    let (one, other) = (shards.next().expect("a shard"), shards.last().expect("another"));
    let timer = put(&store, one, at).await;
    assert_eq!(due(&store, other, START, EVER).await, []);
    assert_eq!(due(&store, one, START, EVER).await, [timer]);
}

pub async fn what_is_put_late_is_found_below_the_watermark(store: Store) {
    let (shard, at, worker) = (shard(), now(), user().uuid());
    let held = lease(&store, shard, worker, at, 15).await.expect("free");
    store.timers.advance(&Lease { watermark: at, ..held }).await.expect("advances");
    let late = put(&store, shard, at.plus_seconds(-60)).await;
    let back = (at.plus_seconds(-120), TimerId::from_uuid(Uuid::nil()));
    assert_eq!(due(&store, shard, back, at).await, [late]);
}

pub async fn what_nobody_knows_comes_back_as_it_went(store: Store) {
    let (shard, at) = (shard(), now());
    let body = json!({"of": {"a": ["newer", null, 1.5]}, "version": 9});
    let strange = Timer { kind: "made up later".to_owned(), body, ..timer(shard, at) };
    store.timers.put(&strange).await.expect("puts");
    assert_eq!(due(&store, shard, START, EVER).await, [strange]);
}

pub async fn a_timer_far_ahead_is_the_next_one(store: Store) {
    let (shard, at) = (shard(), now());
    let in_a_year = put(&store, shard, at.plus_seconds(365 * 24 * 3600)).await;
    let after = (at, TimerId::from_uuid(Uuid::nil()));
    assert_eq!(store.timers.due(shard, after, EVER, 1).await.expect("reads"), [in_a_year]);
}

pub async fn a_held_shard_is_nobody_elses(store: Store) {
    let (shard, at, one, other) = (shard(), now(), user().uuid(), user().uuid());
    let held = lease(&store, shard, one, at, 15).await.expect("free");
    assert_eq!(lease(&store, shard, other, at.plus_seconds(14), 15).await, None);
    assert_eq!(lease(&store, shard, one, at.plus_seconds(10), 15).await, Some(held), "it is renewed");
    assert_eq!(lease(&store, shard, other, at.plus_seconds(24), 15).await, None);
    lease(&store, shard, one, at.plus_seconds(24), 0).await.expect("is given back");
    assert!(lease(&store, shard, other, at.plus_seconds(24), 15).await.is_some());
}

pub async fn a_free_shard_has_one_taker(store: Store) {
    let (shard, at) = (shard(), now());
    let takers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { lease(&store, shard, user().uuid(), at, 15).await.is_some() })
    });
    let mut taken = 0;
    for taker in takers.collect::<Vec<_>>() {
        taken += usize::from(taker.await.expect("ends well"));
    }
    assert_eq!(taken, 1);
}

pub async fn a_shard_is_taken_over_when_its_lease_is_over(store: Store) {
    let (shard, at, one, other) = (shard(), now(), user().uuid(), user().uuid());
    let first = lease(&store, shard, one, at, 15).await.expect("free");
    let second = lease(&store, shard, other, at.plus_seconds(15), 15).await.expect("over");
    assert!(second.epoch > first.epoch);
    assert_eq!(lease(&store, shard, one, at.plus_seconds(16), 15).await, None, "it is another's now");
}

pub async fn who_lost_a_shard_moves_nothing(store: Store) {
    let (shard, at, one, other) = (shard(), now(), user().uuid(), user().uuid());
    let first = lease(&store, shard, one, at, 15).await.expect("free");
    let second = lease(&store, shard, other, at.plus_seconds(15), 15).await.expect("over");
    let moved = store.timers.advance(&Lease { watermark: at, ..first }).await.expect("asks");
    assert_eq!(moved, Change::AlreadySo);
    let again = lease(&store, shard, other, at.plus_seconds(20), 15).await.expect("its own");
    assert_eq!(again, second, "the watermark is as it was");
}

pub async fn the_watermark_never_falls_and_is_handed_on(store: Store) {
    let (shard, at, one, other) = (shard(), now(), user().uuid(), user().uuid());
    let held = lease(&store, shard, one, at, 15).await.expect("free");
    let to = |watermark| Lease { watermark, ..held };
    assert_eq!(store.timers.advance(&to(at)).await.expect("moves"), Change::Done);
    assert_eq!(store.timers.advance(&to(at)).await.expect("asks"), Change::AlreadySo);
    assert_eq!(store.timers.advance(&to(at.plus_seconds(-1))).await.expect("asks"), Change::AlreadySo);
    let next = lease(&store, shard, other, at.plus_seconds(15), 15).await.expect("over");
    assert_eq!(next.watermark, at);
}

pub async fn who_is_there_is_seen_until_then(store: Store) {
    let (at, one, other) = (now(), user().uuid(), user().uuid());
    let attend = async |who, now: Timestamp| {
        store.timers.attend(who, now, now.plus_seconds(15)).await.expect("attends")
    };
    assert_eq!(attend(one, at).await, [one]);
    let both = attend(other, at.plus_seconds(1)).await;
    assert_eq!((both.len(), both.contains(&one)), (2, true));
    assert_eq!(attend(one, at.plus_seconds(2)).await, both, "in the same order for everybody");
    assert_eq!(attend(other, at.plus_seconds(18)).await, [other]);
}

pub async fn what_is_below_an_old_watermark_is_forgotten_whole(store: Store) {
    let (shard, at, worker) = (shard(), now(), user().uuid());
    let held = lease(&store, shard, worker, at, 15).await.expect("free");
    let old = put(&store, shard, at.plus_seconds(-5 * 3600)).await;
    store.timers.done(&old).await.expect("ends");
    let (young, ahead) = (put(&store, shard, at).await, put(&store, shard, at.plus_seconds(5 * 3600)).await);
    store.timers.advance(&Lease { watermark: at.plus_seconds(-1), ..held }).await.expect("advances");
    assert_eq!(due(&store, shard, START, EVER).await, [young, ahead]);
}
