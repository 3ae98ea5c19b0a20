//! The client side of OpenID Connect, for the built-in provider and for any other.
//!
//! What a provider publishes, the redemption of codes and the cryptography are those of the `openidconnect` and
//! `oauth2` crates. The claims are read here: those crates refuse a token for a claim about a person that is not
//! written as the standard says, and few providers write all of them so. This crate also decides where the bytes
//! travel, and how long what a provider published is believed.

mod answer;
mod claims;
mod discovery;
mod exchange;
mod identity;
mod proof;
mod settings;

pub use exchange::HttpExchange;
pub use identity::OidcIdentity;
pub use settings::OidcSettings;
