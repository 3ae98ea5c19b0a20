//! The engine behind signing in.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use axum::Router;
use petit_app::App;
use petit_config::{Config, Identity as IdentitySection};
use petit_identity_oidc::{HttpExchange, OidcIdentity, OidcSettings};
use petit_ports::Identity;

use super::install_tls;

/// The client side of signing in. `provider` is the built-in one, with the secret we are known to it by.
pub fn identity(
    config: &Config,
    app: &App,
    public_url: &str,
    provider: Option<(Router, &str)>,
) -> Result<Arc<dyn Identity>> {
    let (settings, exchange) = match (&config.identity, provider) {
        (IdentitySection::Builtin(_), Some((provider, secret))) => {
            (OidcSettings::builtin(public_url, secret), HttpExchange::in_process(provider))
        }
        (IdentitySection::Builtin(_), None) => return Err(anyhow!("the built-in provider is not there")),
        (IdentitySection::Oidc(oidc), _) => {
            let secret = oidc.secret().map_err(|(key, wrong)| anyhow!("{wrong} ({key})"))?;
            let role_claim = oidc.role_claim.clone();
            let settings = OidcSettings::outside(&oidc.issuer, &oidc.client_id, secret.expose(), role_claim);
            install_tls();
            (settings, HttpExchange::network().map_err(|error| anyhow!(error))?)
        }
    };
    Ok(Arc::new(OidcIdentity::new(settings, exchange, app.clock().clone(), app.random().clone())))
}
