//! Work that a crash or a lost engine left undone is finished by a timer (`lookout`).

use petit_domain::Timestamp;

use crate::{
    App, AppError,
    intents::{self, Known},
    lookout, work,
};

/// Work this young is probably being done right now.
const LEFT_ALONE_S: i64 = lookout::SOON_S;
const AT_ONCE: usize = 100;
/// How far it is looked behind work that nobody here knows.
const AT_MOST: usize = 10_000;

/// What the timer does.
pub(crate) async fn due(app: &App) -> Result<(), AppError> {
    let known = known_work(app, app.now()).await?;
    finish(app, known.iter().filter(|work| work.at() < left_alone_since(app))).await;
    // There may be more than was found, and what failed is tried again.
    Ok(lookout::again(app, !known.is_empty()).await?)
}

/// Does what was begun more than five seconds ago and is not finished. Answers how much there was that this version
/// knows. What only a newer one knows is left to it.
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let left = known_work(app, left_alone_since(app)).await?;
    finish(app, left.iter()).await;
    Ok(left.len())
}

fn left_alone_since(app: &App) -> Timestamp {
    app.now().plus_seconds(-LEFT_ALONE_S)
}

async fn finish(app: &App, left: impl Iterator<Item = &Known>) {
    for intent in left {
        if let Err(error) = work::finish(app, intent).await {
            tracing::warn!(%error, intent.id = %intent.id(), "could not finish work {}", intent.id());
        }
    }
}

/// The oldest unfinished work, as far as it is known. Looks further while there is nothing but unknown work.
async fn known_work(app: &App, before: Timestamp) -> Result<Vec<Known>, AppError> {
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
