//! The services' promises: what is announced, what survives a crash, what a client ends up with.

mod announcing;
mod cassandra;
mod event_law;
mod following;
mod mentions;
mod people;
mod pins;
mod reactions;
mod resume;
mod scheduled;
mod sessions;
mod chat_settings;
mod tickets;
mod timers;
mod unfinished;
