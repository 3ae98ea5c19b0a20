//! The API's promises, called in process: one test for each outcome, and tables over every route.

mod addresses;
mod bodies;
mod chats;
mod choices;
mod document;
mod failures;
mod lists;
mod matrix;
mod members;
mod messages;
mod newer;
mod people;
mod pins;
mod reactions;
mod read_markers;
mod routes;
mod scheduled;
mod sessions;
mod chat_settings;
mod signing;
mod unread;
