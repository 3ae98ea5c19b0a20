//! Work that a crash or a lost engine left undone is finished by a timer.
//!
//! Before work is noted, a timer is put that comes some seconds later and looks for what is left. It puts the next one:
//! soon while something is left, else after a minute. Their times lie on a grid, so that whoever puts the next one puts
//! the same: there is one row of them for each step, however many processes and however often work is noted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use petit_domain::{TimerId, Timestamp};
use petit_ports::{Shard, StoreError, Timer};
use uuid::Uuid;

use crate::{
    App, AppError,
    intents::{self, Known},
    timers,
};

/// The kind of timers that finish work.
pub(crate) const TIMER: &str = "finish_work";

const SOON_S: i64 = 5;
const AT_REST_S: i64 = 60;
/// Work this young is probably being done right now.
const LEFT_ALONE_S: i64 = 5;
const AT_ONCE: usize = 100;
/// How far it is looked behind work that nobody here knows.
const AT_MOST: usize = 10_000;

/// Until when this process has put timers.
#[derive(Default)]
pub(crate) struct Expected(AtomicI64);

/// Has somebody look for what is left. Ends once a timer is put for it.
pub fn spawn(app: Arc<App>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        while let Err(error) = put(&app, app.now()).await {
            tracing::warn!(%error, "cannot have unfinished work looked for yet");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
}

/// To be called before work is noted: if it is left undone, somebody looks for it.
pub(crate) async fn expect(app: &App) -> Result<(), StoreError> {
    let due = on_grid(app.now().plus_seconds(LEFT_ALONE_S), SOON_S);
    if app.unfinished.0.load(Relaxed) < due.micros() {
        put(app, due).await?;
        app.unfinished.0.fetch_max(due.micros(), Relaxed);
    }
    Ok(())
}

/// What the timer does.
pub(crate) async fn due(app: &App) -> Result<(), AppError> {
    sweep(app).await?;
    let is_left = !known_work(app, app.now()).await?.is_empty();
    Ok(put(app, on_grid(app.now(), if is_left { SOON_S } else { AT_REST_S })).await?)
}

/// Does what was begun more than five seconds ago and is not finished. Answers how much there was that this version
/// knows. What only a newer one knows is left to it.
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let left = known_work(app, app.now().plus_seconds(-LEFT_ALONE_S)).await?;
    for intent in &left {
        if let Err(error) = intents::finish(app, intent).await {
            tracing::warn!(%error, intent.id = %intent.id(), "could not finish work {}", intent.id());
        }
    }
    Ok(left.len())
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

async fn put(app: &App, due: Timestamp) -> Result<(), StoreError> {
    let (shard, id) = (Shard::about(Uuid::nil()), TimerId::from_uuid(Uuid::nil()));
    timers::put(app, &Timer { id, shard, due, kind: TIMER.into(), body: serde_json::Value::Null }).await
}

/// The next point of a grid that lies at least one step ahead.
fn on_grid(now: Timestamp, step_s: i64) -> Timestamp {
    let step = step_s * 1_000_000;
    Timestamp::from_micros((now.micros().div_euclid(step) + 2) * step)
}
