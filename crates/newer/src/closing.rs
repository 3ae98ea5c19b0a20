//! Closing polls in time: who follows the log sets a timer for each, and the timer closes it.

use std::sync::Arc;

use async_trait::async_trait;
use petit_app::{
    App, AppError,
    follow::{Batch, Follower},
    timers::{self, Effects},
};
use petit_domain::{ChatId, TimerId, UserId};
use petit_ports::{Commit, CommitEntry, Shard, Timer};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::polls;

const TIMER: &str = "close_poll";

#[derive(Serialize, Deserialize)]
struct Closes {
    chat: ChatId,
    seq: i64,
    by: UserId,
}

/// Sets the timers.
pub struct Closing;

#[async_trait]
impl Follower for Closing {
    fn name(&self) -> &'static str {
        "polls"
    }

    fn cares(&self, commit: &Commit) -> bool {
        matches!(&commit.entry, CommitEntry::Message(message, _) if message.kind.as_str() == polls::POLL)
    }

    async fn take(&self, app: &App, chat: ChatId, batch: &Batch) -> Result<(), AppError> {
        for message in &batch.messages {
            let Some(ballot) = polls::ballot(message.kind, &message.parts) else { continue };
            let body = json!(Closes { chat, seq: message.seq, by: message.author });
            // The poll's own id, so that a timer that is set again is the same one.
            let id = TimerId::from_uuid(message.id.uuid());
            let shard = Shard::about(chat.uuid());
            timers::put(app, &Timer { id, shard, due: ballot.closes_at, kind: TIMER.to_owned(), body })
                .await?;
        }
        Ok(())
    }
}

/// What timers do: what they do in the version before, and this.
pub struct Due(pub Arc<App>);

#[async_trait]
impl Effects for Due {
    fn knows(&self, kind: &str) -> bool {
        kind == TIMER || self.0.knows(kind)
    }

    async fn fire(&self, timer: &Timer) -> Result<(), AppError> {
        if timer.kind != TIMER {
            return self.0.fire(timer).await;
        }
        let Closes { chat, seq, by } = serde_json::from_value(timer.body.clone())
            .map_err(|error| AppError::Internal(Box::new(error)))?;
        polls::close(&self.0, by, chat, seq).await
    }
}
