//! The bus between processes, on NATS core subjects: `<prefix>.c.<chat>`, `<prefix>.u.<person>`,
//! `<prefix>.p.<person>` and `<prefix>.s`. Nothing is kept; what is lost while a connection is down is
//! marked in every mailbox, and found again by number.
//!
//! A process holds one subscription for each subject that anybody in it wants; an event is decoded once
//! and its bytes are kept, so that nobody encodes it again.

mod bus;
mod connect;
mod shared;
mod subject;
mod subscriber;
mod topic;

pub use bus::NatsBus;
pub use connect::{ConnectError, Settings};
