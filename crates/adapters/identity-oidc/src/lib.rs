//! The client side of OpenID Connect, for the built-in provider and for any other.
//!
//! The checks themselves (state, nonce, PKCE, signature, audience, times) are those of the
//! `openidconnect` crate; this crate decides where the bytes travel, how long what a provider
//! published is believed, and what its claims mean here.

mod claims;
mod discovery;
mod exchange;
mod identity;
mod settings;

pub use exchange::HttpExchange;
pub use identity::OidcIdentity;
pub use settings::OidcSettings;
