//! The services' promises: what is announced, what survives a crash, what a client ends up with.

mod announcing;
mod cassandra;
mod chat_settings;
mod event_law;
mod following;
mod held;
mod mentions;
mod people;
mod pins;
mod reactions;
mod receipts;
mod resume;
mod scheduled;
mod sessions;
mod tickets;
mod timers;
mod unfinished;
