//! The notification service: rooms of interest, heads and presence over gRPC, and the clients of it.
//!
//! [`Notifier`] is the service, [`mount`] adds it to a process. [`NotifierBus`] is a bus for who reaches
//! none, [`RemoteBoard`] brings presence together over all plexers, [`RemoteHeads`] asks for the newest
//! numbers of chats.
#![warn(missing_docs)]

mod attached;
mod board;
mod bus;
mod heads;
mod peers;
mod remote;
mod service;
mod watching;
mod wire;

pub use bus::NotifierBus;
pub use peers::{Guard, Peers};
pub use remote::{RemoteBoard, RemoteHeads};
pub use service::{Described, NOTIFIER, Notifier, Settings, mount, mount_health_and_reflection};
pub use wire::{DESCRIPTORS, proto};
