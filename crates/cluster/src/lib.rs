//! Every chat has an owner among the processes with the role `api`, found by rendezvous hashing: its
//! sequencer runs there. [`OwnedLog`] hands what is to be written to the owner over gRPC, and does it itself
//! where the owner does not answer. Two owners at once cost speed and nothing else, because the store gives
//! numbers by a compare-and-set and a wish says all that makes doing it twice, and late, harmless.
//!
//! Reading needs no owner. [`HotLog`] keeps the newest messages of chats that are looked at, together with
//! the head they belong to, and runs equal reads once.
#![warn(missing_docs)]

mod answer;
mod hot;
mod owned;
mod owners;
mod service;

pub use hot::HotLog;
pub use owned::OwnedLog;
pub use owners::owner;
pub use service::{DESCRIPTORS, mount};

/// What the interface description says, as it was generated.
#[expect(clippy::allow_attributes, reason = "generated; the description has the comments")]
pub(crate) mod proto {
    tonic::include_proto!("petit.log.v1");
}
