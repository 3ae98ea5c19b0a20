//! The plexer: sockets and event streams. It carries API requests in and events out, and has no
//! rules of its own about chats.

mod frames;
mod outbox;
mod settings;
mod websocket;

pub use settings::Settings;
