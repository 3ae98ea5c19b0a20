//! Kills the real server at random moments while people write, and looks at what is left: no
//! acknowledged message lost, none doubled, no gap, and clients that come back know what is so.
//!
//! `PETIT_CRASH_ROUNDS` and `PETIT_CRASH_SEED` choose how often and which moments; `PETIT_BIN` is the
//! binary to kill instead of the one that was built with this test.

mod dice;
mod fetch;
mod held;
mod ledger;
mod steward;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod support;
mod watcher;
mod world;
mod writer;

use std::path::PathBuf;

use petit_ports::{Random, SystemRandom};
use world::World;

#[test]
fn a_handful_of_kills_loses_nothing() {
    World::new(PathBuf::from(env!("CARGO_BIN_EXE_petit")), seed()).suffer(6);
}

#[test]
#[ignore = "a minute or two long; bin/test runs it"]
fn two_hundred_kills_lose_nothing() {
    let given = std::env::var_os("PETIT_BIN").map(PathBuf::from);
    let program = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_petit")));
    let mut world = World::new(program, seed());
    world.suffer(number("PETIT_CRASH_ROUNDS").unwrap_or(200));
    world.assert_that_every_kind_of_event_was_seen();
}

#[test]
fn ten_kills_keep_what_is_held() {
    held::suffer(&PathBuf::from(env!("CARGO_BIN_EXE_petit")), seed(), 10);
}

#[test]
#[ignore = "some minutes long; run by its name"]
fn two_hundred_kills_keep_what_is_held() {
    let given = std::env::var_os("PETIT_BIN").map(PathBuf::from);
    let program = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_petit")));
    held::suffer(&program, seed(), number("PETIT_CRASH_ROUNDS").unwrap_or(200) as usize);
}

fn seed() -> u64 {
    number("PETIT_CRASH_SEED").unwrap_or_else(|| SystemRandom.next_u64())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
