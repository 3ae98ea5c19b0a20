//! The plexer over real sockets, with the real services on the embedded store.

mod backpressure;
mod by_the_page;
mod conversation;
mod delivery;
mod generations;
mod losses;
mod membership;
mod nodes;
mod page;
mod presence;
mod receipts;
mod refusals;
mod requests;
mod resume;
mod sessions;
mod streams;
mod support;
mod unknown;
