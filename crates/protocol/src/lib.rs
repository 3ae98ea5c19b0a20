//! What crosses the wire between Petit chat and its clients, beside the entities and events of
//! `petit-domain`: request bodies, answers, problems and the frames of the socket.
#![warn(missing_docs)]

mod frame;
mod problem;
mod request;
mod scheduled;

pub use frame::{ClientFrame, ClientRequest, CloseCode, Cursors, ServerFrame, SocketLimits};
pub use problem::{Problem, codes};
pub use request::*;
pub use scheduled::*;
