//! What this adapter takes for granted about a real Cassandra, and what it does when a real one misbehaves.
//!
//! `cargo test -p petit-store-scylla --test engine -- --ignored`

#[path = "../support/mod.rs"]
mod support;

mod door;
mod findings;
mod markers;
mod older;
mod outage;
mod repeats;
mod rolling;
mod unknown;
mod unread;
mod writers;
