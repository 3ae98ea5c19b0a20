//! The provider says that somebody has signed out, or was (OpenID Connect Back-Channel Logout 1.0).

use std::{collections::HashMap, sync::Arc};

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use petit_app::{
    ports::{IdentityError, LoggedOut},
    sessions,
};
use petit_domain::Timestamp;
use serde::Deserialize;

use super::Client;

/// Longer than any logout token is taken: after that its age refuses it.
const REMEMBERED_S: i64 = 600;
/// When this many are remembered, old ones are swept out.
const SWEEP_AT: usize = 10_000;

/// Tokens that were used, so that each works once, and the provider's sessions that they ended, so that
/// nobody comes in by one that is just about to end: a page signs in again the moment its session is gone.
#[derive(Default)]
pub(super) struct Ended {
    tokens: Mutex<HashMap<String, Timestamp>>,
    sessions: Mutex<HashMap<String, Timestamp>>,
}

/// Remembers a name for a while. Whether it was not known.
fn remember(names: &Mutex<HashMap<String, Timestamp>>, name: &str, now: Timestamp) -> bool {
    let mut names = names.lock();
    if names.len() >= SWEEP_AT {
        names.retain(|_, until| *until > now);
    }
    names.insert(name.to_owned(), now.plus_seconds(REMEMBERED_S)).is_none()
}

impl Ended {
    fn is_first_use(&self, out: &LoggedOut, now: Timestamp) -> bool {
        let is_first = remember(&self.tokens, &out.token_id, now);
        if let Some(session) = &out.session {
            remember(&self.sessions, session, now);
        }
        is_first
    }

    /// It came to nothing, so the provider may send it again.
    fn forget(&self, out: &LoggedOut) {
        self.tokens.lock().remove(&out.token_id);
    }

    /// Whether the provider has said lately that it ended this session of its own.
    pub(super) fn has_ended(&self, session: Option<&str>, now: Timestamp) -> bool {
        let until = session.and_then(|session| self.sessions.lock().get(session).copied());
        until.is_some_and(|until| until > now)
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
    if !client.ended.is_first_use(&out, client.app.now()) {
        return StatusCode::BAD_REQUEST;
    }
    match sessions::end_of_provider(&client.app, &out.external, out.session.as_deref()).await {
        Ok(_) => StatusCode::OK,
        Err(error) => {
            client.ended.forget(&out);
            tracing::error!(%error, "Sessions that the provider ended could not be ended here");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use petit_domain::ExternalId;

    use super::*;

    #[test]
    fn a_token_works_once_unless_it_came_to_nothing() {
        let external = ExternalId { issuer: "i".into(), subject: "s".into() };
        let out = LoggedOut { external, session: Some("s1".into()), token_id: "t".into() };
        let (ended, now) = (Ended::default(), Timestamp::from_micros(1));
        assert!(!ended.has_ended(Some("s1"), now));
        assert!(ended.is_first_use(&out, now));
        assert!(ended.has_ended(Some("s1"), now));
        assert!(!ended.has_ended(Some("s2"), now) && !ended.has_ended(None, now));
        assert!(!ended.has_ended(Some("s1"), now.plus_seconds(REMEMBERED_S)), "not for ever");
        assert!(!ended.is_first_use(&out, now));
        ended.forget(&out);
        assert!(ended.is_first_use(&out, now));
    }
}
