//! The checks of the client side, against a provider that misbehaves on demand.

mod identity_oidc;
