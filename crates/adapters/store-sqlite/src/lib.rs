//! The store on SQLite, inside the process.
//!
//! One thread writes: it takes everything that waits into one transaction, so a sync is shared by all
//! who wait for it. Reads are short, indexed and served from a pool of connections where they are asked.
//! `synchronous=FULL`: what was answered survives the power.

mod accounts;
mod chats;
mod choices;
mod connection;
mod error;
mod export;
mod follower_desk;
mod followers;
mod fullness;
mod generation;
mod handle;
mod heads;
mod idempotency;
mod intents;
mod job;
mod log;
mod members;
mod mentions;
mod open;
mod options;
mod page_cache;
mod people;
mod pins;
mod reactions;
mod read_markers;
mod readers;
mod receipts;
mod row;
mod saved;
mod scheduled;
mod sessions;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod timers;
mod turns;
mod writer;

pub use error::OpenError;
pub use generation::WaysIn;
pub use handle::{Counters, SqliteHandle};
pub use open::Opened;
pub use options::Options;
pub use store::SqliteStore;
