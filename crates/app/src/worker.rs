//! Finishes work that a crash or a lost engine left undone.

use std::{sync::Arc, time::Duration};

use crate::{App, AppError, intents};

const EVERY: Duration = Duration::from_secs(5);
/// Work this young is probably being done right now.
const LEFT_ALONE_S: i64 = 5;
const AT_ONCE: usize = 100;

/// Sweeps at start and every five seconds, until the runtime ends.
pub fn spawn(app: Arc<App>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            if let Err(error) = sweep(&app).await {
                tracing::warn!(%error, "could not look for unfinished work");
            }
            tokio::time::sleep(EVERY).await;
        }
    })
}

/// Does what was begun more than five seconds ago and is not finished. Answers how much there was.
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let left = app.store().outbox.pending(app.now().plus_seconds(-LEFT_ALONE_S), AT_ONCE).await?;
    for intent in &left {
        if let Err(error) = intents::finish(app, intent).await {
            tracing::warn!(%error, intent.id = %intent.id, "could not finish work {}", intent.id);
        }
    }
    Ok(left.len())
}
