//! A gateway in a process of its own: what it asks of the application goes over gRPC
//! ([`RemoteBackstage`], answered by what [`mount`] adds), and requests go over HTTP ([`Forwarder`]).
//!
//! Both know several nodes. Who is asked first is decided by whom the question is about, so that the same
//! person finds the same memories; a node that does not answer is asked last for a while.
#![warn(missing_docs)]

mod ask;
mod forward;
mod nodes;
mod remote;
mod service;

pub use forward::{Forwarder, OwnerOf};
pub use remote::RemoteBackstage;
pub use service::{DESCRIPTORS, mount};

/// What the interface description says, as it was generated.
#[expect(clippy::allow_attributes, reason = "generated; the description has the comments")]
pub(crate) mod proto {
    tonic::include_proto!("petit.backstage.v1");
}
