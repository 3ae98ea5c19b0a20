//! Who is here: one state for each person, reduced over their connections, told slowly.

mod board;
mod registry;

pub use board::{LocalBoard, PresenceBoard};
pub use registry::{Registry, Shown};
