//! The little of RFC 6455 that a server needs: the accept key, frames out, frames in.

mod accept;
mod decode;
mod encode;

pub(crate) use accept::accept_key;
pub(crate) use decode::{Decoder, Incoming, Refusal};
pub(crate) use encode::{close_frame, pong_frame, text_frame};

/// The largest message a client may send, and the largest frame.
pub(crate) const MESSAGE_LIMIT: usize = 64 * 1024;
