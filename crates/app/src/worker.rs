//! Finishes work that a crash or a lost engine left undone.

use std::{sync::Arc, time::Duration};

use crate::{
    App, AppError,
    intents::{self, Known},
};

const EVERY: Duration = Duration::from_secs(5);
/// Work this young is probably being done right now.
const LEFT_ALONE_S: i64 = 5;
const AT_ONCE: usize = 100;
/// How far it is looked behind work that nobody here knows.
const AT_MOST: usize = 10_000;

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

/// Does what was begun more than five seconds ago and is not finished. Answers how much there was that this version
/// knows. What only a newer one knows is left to it.
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let left = known_work(app).await?;
    for intent in &left {
        if let Err(error) = intents::finish(app, intent).await {
            tracing::warn!(%error, intent.id = %intent.id(), "could not finish work {}", intent.id());
        }
    }
    Ok(left.len())
}

/// The oldest unfinished work, as far as it is known. Looks further while there is nothing but unknown work.
async fn known_work(app: &App) -> Result<Vec<Known>, AppError> {
    let before = app.now().plus_seconds(-LEFT_ALONE_S);
    let mut at_once = AT_ONCE;
    loop {
        let left = app.store().intents.pending(before, at_once).await?;
        let known: Vec<Known> = left.iter().filter_map(intents::known).collect();
        if known.len() < left.len() {
            tracing::debug!("{} pieces of work are left to a newer version", left.len() - known.len());
        }
        if !known.is_empty() || left.len() < at_once || at_once >= AT_MOST {
            return Ok(known);
        }
        at_once *= 10;
    }
}
