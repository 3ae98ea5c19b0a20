//! What goes wrong, one thing after the other, while `petit check` plays: a whole installation of real
//! processes on the real database and the real bus. Each test prints what the checker said.
//!
//! Run one after the other (`--test-threads=1`). `PETIT_FAULTS=all` makes each longer and adds the ring.

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod support;

mod installation;
mod proxy;

use std::{thread::sleep, time::Duration};

use installation::{Installation, Layout};
use rustix::process::Signal;

/// Whether there is time for everything.
fn is_thorough() -> bool {
    std::env::var("PETIT_FAULTS").is_ok_and(|value| value == "all")
}

fn seconds(short: u64, long: u64) -> Duration {
    Duration::from_secs(if is_thorough() { long } else { short })
}

#[test]
#[ignore = "needs bin/cluster up"]
fn every_role_is_killed_and_comes_back() {
    let mut world = Installation::start(&Layout::default());
    let check = world.check(seconds(24, 60), 1);
    for process in ["api1", "plexer1", "notifier", "worker", "api2", "plexer2"] {
        sleep(seconds(2, 5));
        world.kill(process);
        sleep(Duration::from_secs(1));
        world.restart(process);
    }
    check.verdict("kill -9 of each role");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn an_owner_of_chats_is_frozen_for_longer_than_anybody_waits() {
    let world = Installation::start(&Layout::default());
    let check = world.check(seconds(24, 45), 2);
    sleep(Duration::from_secs(3));
    world.signal("api1", Signal::STOP);
    sleep(Duration::from_secs(15));
    world.signal("api1", Signal::CONT);
    check.verdict("an api process frozen for 15 s");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn the_database_is_away_and_comes_back() {
    let world = Installation::start(&Layout { proxies: true, ..Layout::default() });
    let check = world.check(seconds(26, 90), 3);
    sleep(Duration::from_secs(4));
    world.database().down();
    let (status, after) = world.answer_to_a_write();
    assert_eq!((status.code, status.code_text.as_str()), (503, "unavailable"), "writes are refused in words");
    assert!(status.retry_after, "and told when to come back");
    assert!(after < Duration::from_secs(9), "nothing hangs: {after:?}");
    sleep(seconds(2, 4));
    let (again, at_once) = world.answer_to_a_write();
    assert_eq!(again.code, 503);
    // Whoever asks whether the database is back may wait for it; that is one in half a second.
    assert!(at_once < Duration::from_secs(4), "{at_once:?}");
    println!("     a write was refused after {after:.1?}, a later one after {at_once:.1?}");
    sleep(seconds(6, 50));
    world.database().up();
    check.verdict("the database away");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn the_database_is_slow() {
    let world = Installation::start(&Layout { proxies: true, ..Layout::default() });
    let check = world.check(seconds(20, 45), 4);
    sleep(Duration::from_secs(3));
    world.database().slow(Duration::from_millis(500));
    sleep(seconds(8, 25));
    world.database().up();
    check.verdict("the database slow by 500 ms");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn answers_of_the_database_are_eaten_after_they_were_applied() {
    let world = Installation::start(&Layout { proxies: true, ..Layout::default() });
    let check = world.check(seconds(24, 60), 5);
    for _ in 0..3 {
        sleep(seconds(3, 9));
        world.database().eat(Duration::from_millis(400));
    }
    check.verdict("answers of the database eaten");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn the_bus_is_away_and_comes_back() {
    let world = Installation::start(&Layout { proxies: true, ..Layout::default() });
    let check = world.check(seconds(24, 90), 6);
    sleep(Duration::from_secs(3));
    world.bus().down();
    sleep(seconds(12, 60));
    world.bus().up();
    check.verdict("the bus away");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn the_bus_loses_a_fifth_and_mixes_up_the_rest() {
    let faults = "[faults]\nbus_drop = 20\nbus_double = 10\nbus_reorder = 20\nbus_delay_ms = 50\n";
    let world = Installation::start(&Layout { more: faults, ..Layout::default() });
    world.check(seconds(20, 60), 7).verdict("a bus that loses 20 %, doubles, delays and reorders");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn two_processes_believe_that_they_own_the_same_chats() {
    let world = Installation::start(&Layout { rivals: true, ..Layout::default() });
    world.check(seconds(20, 60), 8).verdict("two owners of every chat");
    let groups = world.counted("petit_store_groups_total");
    assert!(groups.iter().all(|groups| *groups > 10), "the premise: both wrote, {groups:?}");
    let lost: u64 = world.counted("petit_store_lost_sets_total").iter().sum();
    assert!(lost > 0, "the premise: they did get in each other's way");
    println!("     lost sets: {lost}");
}

#[test]
#[ignore = "needs bin/cluster up"]
fn every_process_is_restarted_in_good_order_under_load() {
    let mut world = Installation::start(&Layout::default());
    let check = world.check(seconds(30, 60), 9);
    for process in ["api1", "api2", "notifier", "worker", "plexer1", "plexer2"] {
        sleep(Duration::from_secs(1));
        world.stop(process);
        world.restart(process);
    }
    check.verdict("a rolling restart");
}

#[test]
#[ignore = "needs bin/cluster up --ring"]
fn nodes_of_a_ring_of_three_are_frozen_and_killed() {
    let world = Installation::start(&Layout { ring: true, ..Layout::default() });
    let check = world.check(Duration::from_secs(100), 10);
    sleep(Duration::from_secs(5));
    installation::ring("STOP", "ring-2");
    sleep(Duration::from_secs(20));
    installation::ring("CONT", "ring-2");
    sleep(Duration::from_secs(10));
    installation::ring("KILL", "ring-3");
    sleep(Duration::from_secs(15));
    installation::ring("KILL", "ring-2");
    sleep(Duration::from_secs(5));
    assert_eq!(world.answer_to_a_write().0.code, 503, "without a quorum writes are refused in words");
    sleep(Duration::from_secs(5));
    installation::mend_ring();
    check.verdict("a ring of three: one frozen, one killed, two killed");
}
