mod client;
mod far;
mod server;
mod state;
mod stream;

pub use client::{Broken, Client};
pub use server::{Member, Server, eventually, fast};
pub use state::State;
pub use stream::EventSource;
