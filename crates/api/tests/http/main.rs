//! The API's promises, called in process: one test for each outcome, and tables over every route.

mod addresses;
mod bodies;
mod chat_settings;
mod chats;
mod choices;
mod document;
mod failures;
mod forward;
mod held;
mod lists;
mod matrix;
mod members;
mod messages;
mod newer;
mod people;
mod pins;
mod reactions;
mod read_markers;
mod receipts;
mod routes;
mod saved;
mod scheduled;
mod sessions;
mod settings;
mod signing;
mod unread;
