//! The whole way in, in one process: product routes, provider and client adapter around one
//! application, and browsers that keep cookies as real ones do.

mod browser;
mod world;

pub use browser::{Answer, Browser, hidden_field};
pub use world::{FIREFOX, PUBLIC_URL, World, client_routes, password_of};
