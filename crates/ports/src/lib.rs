//! The ports: what Petit chat asks of a store, a bus, an identity provider, a clock and a source of
//! randomness. Engines live in adapter crates; nothing here knows one.
//!
//! To add a method: write its promise here, write the promise as a law in `petit-contract`, make every
//! adapter pass. To add an adapter: a crate of its own, one call of the contract macro in its tests,
//! one line in the binary's wiring.
//!
//! What the ports refuse to be: the store is not a queue and shows no transaction; the bus keeps
//! nothing and may lose anything; no method exists for the sake of one screen.
#![warn(missing_docs)]

mod bus;
mod clock;
mod identity;
mod outlet;
mod store;
mod transfer;

pub use bus::{Announcement, Bus, BusError, Delivery, Mailbox, Subject, Subscriber};
pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use identity::{Identity, IdentityError, LoggedOut, SignIn, SignInStart, SignedIn};
pub use outlet::Outlet;
pub use store::*;
pub use transfer::{ChatFrame, Directory, OldText, ReactionSet};
