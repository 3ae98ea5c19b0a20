//! The real binary in a folder of its own, spoken to over its port and its command line.

pub mod cluster;
mod http;
pub mod ports;
pub mod process;
pub mod socket;
pub mod wait;

pub use http::Api;
pub use process::Server;
