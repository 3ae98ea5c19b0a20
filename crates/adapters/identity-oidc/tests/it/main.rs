//! The checks of the client side, against a provider that misbehaves on demand.

mod checks;
mod fake;
mod keys;
mod network;
mod outage;
