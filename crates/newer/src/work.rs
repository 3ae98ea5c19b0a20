//! Opening a poll is work that is noted before it is done.

use std::{sync::Arc, time::Duration};

use petit_app::{App, AppError, lookout};
use petit_domain::{IntentId, UserId};
use petit_ports::Intent;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::sleep};

use crate::polls::{self, NewPoll};

const OPEN_POLL: &str = "open_poll";
const EVERY: Duration = Duration::from_secs(2);
const LEFT_ALONE_S: i64 = 3;
const AT_ONCE: usize = 1_000;

/// Notes that a poll is to be opened.
pub async fn note(app: &App, by: UserId, poll: &NewPoll) -> Result<Intent, AppError> {
    let Value::Object(body) = json!(poll) else {
        return Err(AppError::Internal("a poll is an object".into()));
    };
    let at = app.now();
    let id = IntentId::mint(at, app.random().next_u64());
    let intent = Intent { id, by, at, kind: OPEN_POLL.to_owned(), body };
    app.store().intents.put(&intent).await?;
    Ok(intent)
}

/// Does noted work, and forgets it.
pub async fn finish(app: &App, intent: &Intent) -> Result<(), AppError> {
    let poll = serde_json::from_value(intent.body.clone().into())
        .map_err(|error| AppError::Internal(Box::new(error)))?;
    polls::open(app, intent.by, &poll).await?;
    Ok(app.store().intents.done(intent.id).await?)
}

/// Finishes what this version knows, beside what the version before does.
pub fn spawn(app: Arc<App>) -> JoinHandle<()> {
    let others = lookout::spawn(app.clone());
    tokio::spawn(async move {
        let _others = Ended(others);
        loop {
            if let Err(error) = sweep(&app).await {
                tracing::warn!(%error, "could not look for polls to open");
            }
            sleep(EVERY).await;
        }
    })
}

async fn sweep(app: &App) -> Result<(), AppError> {
    let left = app.store().intents.pending(app.now().plus_seconds(-LEFT_ALONE_S), AT_ONCE).await?;
    for intent in left.iter().filter(|intent| intent.kind == OPEN_POLL) {
        finish(app, intent).await?;
    }
    Ok(())
}

/// A task that ends with whoever holds it.
struct Ended(JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}
