//! Who is here: one state for each person, reduced over their connections, told slowly.
#![warn(missing_docs)]

mod board;
mod merged;
mod registry;

pub use board::{LocalBoard, PresenceBoard};
pub use merged::{Merged, Report, Told};
pub use registry::{Registry, Shown};
