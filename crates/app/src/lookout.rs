//! Has somebody look for work that was left undone: before work is noted, a timer is put that comes some seconds later
//! (`unfinished` says what it does). Their times lie on a grid, so that whoever puts the next one puts the same: there is
//! one row of them for each step, however many processes and however often work is noted.

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

use crate::{App, timers};

/// The kind of timers that finish work.
pub(crate) const TIMER: &str = "finish_work";

/// The step of the grid while something may be left, and the age at which it is left indeed.
pub(crate) const SOON_S: i64 = 5;
const AT_REST_S: i64 = 60;

/// Until when this process has put timers, in microseconds.
#[derive(Default)]
pub(crate) struct Lookout(AtomicI64);

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
    let due = on_grid(app.now().plus_seconds(SOON_S), SOON_S);
    if app.lookout.0.load(Relaxed) < due.micros() {
        put(app, due).await?;
        app.lookout.0.fetch_max(due.micros(), Relaxed);
    }
    Ok(())
}

/// Has somebody look again: soon if something is left, else after a minute.
pub(crate) async fn again(app: &App, is_left: bool) -> Result<(), StoreError> {
    put(app, on_grid(app.now(), if is_left { SOON_S } else { AT_REST_S })).await
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
