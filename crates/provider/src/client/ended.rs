//! The provider says that somebody has signed out, or was (OpenID Connect Back-Channel Logout 1.0).

use std::{collections::HashMap, sync::Arc};

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use petit_app::{ports::IdentityError, sessions};
use petit_domain::Timestamp;
use serde::Deserialize;

use super::Client;

/// Longer than any logout token is taken: after that its age refuses it.
const REMEMBERED_S: i64 = 600;
/// When this many are remembered, old ones are swept out.
const SWEEP_AT: usize = 10_000;

/// Tokens that were used, so that each works once.
#[derive(Default)]
pub(super) struct Used(Mutex<HashMap<String, Timestamp>>);

impl Used {
    fn is_first_use(&self, token: &str, now: Timestamp) -> bool {
        let mut tokens = self.0.lock();
        if tokens.len() >= SWEEP_AT {
            tokens.retain(|_, until| *until > now);
        }
        tokens.insert(token.to_owned(), now.plus_seconds(REMEMBERED_S)).is_none()
    }

    /// It came to nothing, so the provider may send it again.
    fn forget(&self, token: &str) {
        self.0.lock().remove(token);
    }
}

#[derive(Deserialize)]
pub(super) struct Sent {
    logout_token: String,
}

/// Ends the sessions that began at the provider's session, or all of the person's that began at the provider.
pub(super) async fn end(
    State(client): State<Arc<Client>>,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    let status = match sent {
        Ok(Form(sent)) => ended(&client, &sent.logout_token).await,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    let mut answer = status.into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

async fn ended(client: &Client, token: &str) -> StatusCode {
    let out = match client.identity.logged_out(token).await {
        Ok(out) => out,
        Err(IdentityError::Refused(why)) => {
            tracing::info!("A logout token was refused: {why}");
            return StatusCode::BAD_REQUEST;
        }
        Err(IdentityError::Unavailable(_)) => return StatusCode::SERVICE_UNAVAILABLE,
    };
    // First of all: a token that is sent again must not end what began after it.
    if !client.used.is_first_use(&out.token_id, client.app.now()) {
        return StatusCode::BAD_REQUEST;
    }
    match sessions::end_of_provider(&client.app, &out.external, out.session.as_deref()).await {
        Ok(_) => StatusCode::OK,
        Err(error) => {
            client.used.forget(&out.token_id);
            tracing::error!(%error, "Sessions that the provider ended could not be ended here");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_once_unless_it_came_to_nothing() {
        let (used, now) = (Used::default(), Timestamp::from_micros(1));
        assert!(used.is_first_use("t", now));
        assert!(!used.is_first_use("t", now));
        assert!(used.is_first_use("another", now));
        used.forget("t");
        assert!(used.is_first_use("t", now));
    }
}
