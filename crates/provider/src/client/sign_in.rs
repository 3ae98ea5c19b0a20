use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use http::{HeaderMap, header};
use petit_app::ports::IdentityError;
use serde::Deserialize;

use super::{
    Client,
    address::{Seen, local_path, seen},
    pending::{self, Pending},
};
use crate::{
    cookies::Cookie,
    pages,
    routes::{see_other, with_query},
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    return_to: Option<String>,
}

/// Sends the browser to the provider.
pub(super) async fn start(
    State(client): State<Arc<Client>>,
    headers: HeaderMap,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Response {
    let Query(wish) = wish.unwrap_or_default();
    let return_to = local_path(wish.return_to.as_deref());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match seen(&client.public_url, host) {
        Seen::AsKnown => begin(&client, &headers, return_to).await,
        Seen::Alias => {
            let known = format!("{}/auth/sign-in", client.public_url);
            see_other(&with_query(&known, &[("return_to", return_to)]))
        }
        Seen::Elsewhere => pages::unusual_address(&client.public_url, host.unwrap_or_default()),
    }
}

async fn begin(client: &Client, headers: &HeaderMap, return_to: &str) -> Response {
    match client.identity.start(&client.redirect_uri()).await {
        Ok(start) => {
            let pending = Pending::new(start.pending, return_to, client.app.now());
            let (name, value) = pending.seal(&client.app);
            let leftovers = pending::leftovers(headers);
            let forgotten = leftovers.iter().map(|name| pending::forget(name, client.secure));
            let kept = pending::cookie(&name, &value, client.secure);
            let cookies: Vec<Cookie<'_>> = forgotten.chain([kept]).collect();
            Cookie::set(&cookies, see_other(&start.authorize_url))
        }
        Err(error) => not_begun(&error),
    }
}

fn not_begun(error: &IdentityError) -> Response {
    tracing::warn!(?error, "A sign-in could not begin: {error}");
    match error {
        IdentityError::Unavailable(_) => pages::busy(pages::words().service_silent),
        IdentityError::Refused(_) => pages::failed(),
    }
}
