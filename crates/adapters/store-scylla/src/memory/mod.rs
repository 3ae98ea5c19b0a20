//! Memory of this process: what it has seen or done lately, without any statement.

mod buckets;
mod senders;

pub(crate) use buckets::Buckets;
pub(crate) use senders::{Newest, PACE, Read, Senders};
