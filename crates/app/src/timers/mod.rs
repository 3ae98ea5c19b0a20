//! What is to happen at a time. Services put timers; workers share the shards, fire what is due and mark it
//! done. Everything happens at least once: what a kind does has a name of its own, so that twice is once.
//!
//! `plan` decides which part of a shard is looked at and how far it is done, and is tried on a model of its
//! own; `worker` does the looking; `figures` says how it goes.

mod figures;
#[cfg(test)]
mod model;
mod plan;
mod worker;

use std::sync::Arc;

use petit_domain::{TimerId, Timestamp};
use petit_ports::{Shard, StoreError, Timer};

pub use figures::Figures;
pub use worker::{Effects, Parts, Settings, start};

use crate::{App, AppError};

/// A timer that is put this late may lie below what workers look back to: it is put once more.
const TOO_LATE_S: i64 = plan::Rules::SHARED.back_s / 2;
const SWEPT_AT_ONCE: usize = 100;

/// Notes a timer and wakes whoever works on its shard here. Again is fine.
pub async fn put(app: &App, timer: &Timer) -> Result<(), StoreError> {
    let store = &app.store().timers;
    store.put(timer).await?;
    let now = app.now();
    let mut due = timer.due;
    if now > due.plus_seconds(TOO_LATE_S) {
        due = now;
        store.put(&Timer { due, ..timer.clone() }).await?;
    }
    app.timers().wake(timer.shard, due);
    Ok(())
}

/// Works on timers until the answer is aborted or the runtime ends. `effects` are those of the application, or more.
pub fn spawn(app: &Arc<App>, effects: Arc<dyn Effects>, settings: Settings) -> tokio::task::JoinHandle<()> {
    start(Parts {
        store: app.store().timers.clone(),
        clock: app.clock().clone(),
        effects,
        figures: app.timers().clone(),
        settings,
    })
}

/// Fires what is due now, once, without holding any shard. For tools and tests; the next worker finishes what
/// this leaves. Answers how many have happened.
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let mut fired = 0;
    for shard in Shard::all() {
        let mut after = (Timestamp::from_micros(0), TimerId::from_uuid(uuid::Uuid::nil()));
        loop {
            let page = app.store().timers.due(shard, after, app.now(), SWEPT_AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after = last.position();
            for timer in page.iter().filter(|timer| app.knows(&timer.kind)) {
                app.fire(timer).await?;
                app.store().timers.done(timer).await?;
                fired += 1;
            }
        }
    }
    Ok(fired)
}
