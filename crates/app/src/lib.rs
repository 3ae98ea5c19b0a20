//! Services: what Petit chat does, one module for each slice, on ports.
//!
//! `access` hands out proofs of permission; nothing that needs one can be called without it. What is
//! written is announced afterwards, in the order of the numbers, by `announcer`: as they came,
//! or as `fresh` finds them now.

pub mod access;
mod announcer;
mod app;
pub mod changes;
pub mod chats;
pub mod choices;
mod cursor;
mod effects;
mod error;
pub mod follow;
mod forward;
mod fresh;
mod heads;
pub mod intents;
pub mod invitations;
pub mod lookout;
pub mod members;
mod memory;
pub mod mentions;
pub mod messages;
pub mod people;
pub mod pins;
mod posting;
pub mod reactions;
pub mod read_markers;
pub mod receipts;
pub mod resume;
mod rulings;
pub mod saved;
pub mod scheduled;
mod seal;
mod sent;
pub mod sessions;
mod sets;
pub mod settings;
mod shown;
pub mod tickets;
pub mod timers;
pub mod typing;
pub mod unfinished;
pub mod vouch;
mod work;

pub use app::{App, Caller, Parts};
pub use error::AppError;
pub use heads::Heads;
pub use petit_ports as ports;
pub use seal::Seal;
