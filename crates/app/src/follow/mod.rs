//! Followers of the log: work that derives something from what was written, and resumes where it was.
//!
//! A follower has a position in each chat's log. A worker reads on from it, hands messages and changes over in the
//! order of their numbers, and advances: at least once, so what a follower does has to be harmless when repeated.
//! `plan` decides what is next and is tried on a model of its own; `worker` has the shards and does the reading;
//! `tap` tells of commits of this process.

#[cfg(test)]
mod model;
mod plan;
mod scan;
mod shares;
mod tap;
mod worker;

use async_trait::async_trait;
use petit_domain::{ChatId, Message};
use petit_ports::{ChangeRecord, Commit};

pub use plan::Lag;
pub use tap::Follow;
pub use worker::{Following, Settings, start};

use crate::{App, AppError};

/// What was written to a chat, each kind by rising number, without a gap from the follower's position on. Messages
/// are as they are now. Kinds that this version does not know are in it.
#[derive(Debug, Default)]
pub struct Batch {
    /// New messages.
    pub messages: Vec<Message>,
    /// Changes.
    pub changes: Vec<ChangeRecord>,
}

/// Derives something from logs.
#[async_trait]
pub trait Follower: Send + Sync {
    /// Its name, under which its positions are kept. It never changes.
    fn name(&self) -> &'static str;

    /// Whether an entry is its business. Where it is not, the follower passes by without reading.
    fn cares(&self, commit: &Commit) -> bool {
        let _ = commit;
        true
    }

    /// Does what follows from a part of a log. All of it may come again, after a crash or from another worker at the
    /// same time; what it does not know it leaves alone. After an error the chat is tried again, after a pause.
    async fn take(&self, app: &App, chat: ChatId, batch: &Batch) -> Result<(), AppError>;
}
