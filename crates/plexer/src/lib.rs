//! The plexer: sockets and event streams. It carries API requests in and events out, and has no
//! rules of its own about chats.
#![warn(missing_docs)]

mod auth;
mod backstage;
mod connection;
mod frames;
pub mod fuzz;
mod heads;
mod hub;
mod plexer;
mod presence_route;
mod problem;
mod routes;
mod seldom;
mod send_queue;
mod settings;
mod socket;
mod stream;
mod sweep;
mod tokens;
mod websocket;
mod wire;

use petit_presence as presence;

pub use backstage::{Backstage, Missed, Stage};
pub use heads::{Heads, LogHeads};
pub use hub::Neighbours;
pub use plexer::Plexer;
pub use problem::refusal;
pub use routes::router;
pub use settings::Settings;
