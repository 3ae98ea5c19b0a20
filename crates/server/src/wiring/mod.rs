//! Which engine is behind which port, one file for each port. The only folder that names adapters.

mod bus;
mod identity;
mod store;

use std::time::Duration;

use anyhow::Result;

pub use self::{
    bus::bus,
    identity::identity,
    store::{Counter, Counting, Engine, STORE_COPY, WaysIn, store_file},
};

/// How long a part that does not answer yet is waited for at start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again for a while what `may_pass`.
async fn patiently<T, E, F>(what: &str, open: impl Fn() -> F, may_pass: impl Fn(&E) -> bool) -> Result<T>
where
    F: Future<Output = Result<T, E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    let begun = tokio::time::Instant::now();
    loop {
        match open().await {
            Ok(opened) => return Ok(opened),
            Err(error) if begun.elapsed() > PATIENCE || !may_pass(&error) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "{what} does not answer yet"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// One TLS implementation for the whole process. Only the first call counts, which is all that is asked.
fn install_tls() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
