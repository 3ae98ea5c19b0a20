use std::sync::Arc;

use openidconnect::{IssuerUrl, ProviderMetadataWithLogout};
use petit_domain::Timestamp;
use petit_ports::{Clock, IdentityError};
use tokio::sync::Mutex;

use crate::exchange::HttpExchange;

/// How long what the provider published is believed without asking again.
const FRESH_SECONDS: i64 = 3600;
/// How long to leave the provider alone after it did not answer.
const RETRY_SECONDS: i64 = 5;
/// How long to leave it alone after an unknown key made us ask: forged tokens must not make us hammer it.
const KEYS_SECONDS: i64 = 60;

pub(crate) type Published = Arc<ProviderMetadataWithLogout>;

/// What the provider publishes about itself and its keys, remembered. One request at a time; what was
/// known stays in use while the provider is away.
pub(crate) struct Discovery {
    issuer: String,
    http: HttpExchange,
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    published: Option<Published>,
    fetched: Option<Timestamp>,
    failed: Option<Timestamp>,
    asked_for_key: Option<Timestamp>,
}

impl Discovery {
    pub(crate) fn new(issuer: String, http: HttpExchange, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, http, clock, memory: Mutex::default() }
    }

    /// What is known, asked anew once an hour.
    pub(crate) async fn published(&self) -> Result<Published, IdentityError> {
        let mut memory = self.memory.lock().await;
        let now = self.clock.now();
        match &memory.published {
            Some(known) if within(memory.fetched, FRESH_SECONDS, now) => Ok(known.clone()),
            Some(known) if within(memory.failed, RETRY_SECONDS, now) => Ok(known.clone()),
            None if within(memory.failed, RETRY_SECONDS, now) => Err(IdentityError::Unavailable(None)),
            _ => self.fetch(&mut memory, now).await,
        }
    }

    /// What is known now that `seen` turned out to lack a key: asked anew, but at most once a minute.
    pub(crate) async fn after_unknown_key(&self, seen: &Published) -> Result<Published, IdentityError> {
        let mut memory = self.memory.lock().await;
        let now = self.clock.now();
        match &memory.published {
            Some(known) if !Arc::ptr_eq(known, seen) => return Ok(known.clone()),
            _ if within(memory.asked_for_key, KEYS_SECONDS, now) => return Ok(seen.clone()),
            _ => memory.asked_for_key = Some(now),
        }
        self.fetch(&mut memory, now).await
    }

    async fn fetch(&self, memory: &mut Memory, now: Timestamp) -> Result<Published, IdentityError> {
        match self.ask().await {
            Ok(published) => {
                *memory = Memory {
                    published: Some(published.clone()),
                    fetched: Some(now),
                    failed: None,
                    asked_for_key: memory.asked_for_key,
                };
                Ok(published)
            }
            Err(error) => {
                tracing::warn!(%error, "The identity provider could not be asked about itself");
                memory.failed = Some(now);
                memory.published.clone().ok_or(error)
            }
        }
    }

    async fn ask(&self) -> Result<Published, IdentityError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(unavailable)?;
        let send = self.http.sender();
        ProviderMetadataWithLogout::discover_async(issuer, &send).await.map(Arc::new).map_err(unavailable)
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> IdentityError {
    IdentityError::Unavailable(Some(Box::new(error)))
}

/// Whether `since` is less than `seconds` ago. A clock that was set back makes it long ago, so that
/// nothing is stuck until the old time comes again.
fn within(since: Option<Timestamp>, seconds: i64, now: Timestamp) -> bool {
    since.is_some_and(|since| since <= now && now < since.plus_seconds(seconds))
}
