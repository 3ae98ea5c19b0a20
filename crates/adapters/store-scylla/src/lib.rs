//! The store on ScyllaDB or Apache Cassandra: one CQL schema for both, nothing that only one of them has.
//!
//! What decides something is a conditional write (LWT) on one partition; what is derived from it is a plain
//! write that may be repeated. A column is written in one of the two ways, never in both. The log's numbers
//! come from `petit-sequencer`, which is tried on a model of its own.

mod accounts;
mod breaker;
mod chats;
mod choices;
mod engine;
mod error;
mod followers;
mod generation;
mod handle;
mod idempotency;
mod import;
mod intents;
mod lanes;
mod log;
mod members;
mod memory;
mod mentions;
mod migrate;
mod news;
mod open;
mod own_settings;
mod people;
mod pins;
mod raised;
mod reactions;
mod read_markers;
mod receipts;
mod row;
mod saved;
mod scheduled;
mod sessions;
mod settings;
mod statement;
mod store;
mod timers;
mod turns;

use petit_sequencer as sequencer;

pub use error::ConnectError;
pub use handle::{Counters, ScyllaHandle};
pub use migrate::{Migration, STEPS};
pub use open::Opened;
pub use settings::Settings;
pub use store::ScyllaStore;
