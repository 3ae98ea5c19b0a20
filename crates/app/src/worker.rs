//! Finishes work that a crash or a lost engine left undone.

use std::{sync::Arc, time::Duration};

use petit_ports::Intent;

use crate::{App, AppError, intents};

const EVERY: Duration = Duration::from_secs(5);
const LEFT_ALONE_S: i64 = 5;

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
    let left = app.store().outbox.pending(app.now().plus_seconds(-LEFT_ALONE_S), 100).await?;
    for intent in &left {
        if let Err(error) = finish(app, intent).await {
            tracing::warn!(%error, intent.id = %intent.id, "could not finish work {}", intent.id);
        }
    }
    Ok(left.len())
}

async fn finish(app: &App, intent: &Intent) -> Result<(), AppError> {
    intents::run(app, intent).await?;
    Ok(app.store().outbox.done(intent.id).await?)
}
