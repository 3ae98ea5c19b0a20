use async_trait::async_trait;
use petit_domain::{IntentId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::StoreError;

/// Work in several steps that must be finished once it is begun. Every step may be repeated.
///
/// What the work is, is between those who begin it and those who finish it: a store keeps kinds and bodies that
/// nobody here knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Intent {
    /// Names the work; its steps derive their client ids from it.
    pub id: IntentId,
    /// Who wanted it.
    pub by: UserId,
    /// When it was begun.
    pub at: Timestamp,
    /// What kind of work it is.
    pub kind: String,
    /// What else is said of it.
    pub body: Map<String, Value>,
}

/// An intent as JSON: kind and body are one object.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    id: IntentId,
    by: UserId,
    at: Timestamp,
    kind: Work,
}

#[derive(Clone, Serialize, Deserialize)]
struct Work {
    #[serde(rename = "type")]
    name: String,
    #[serde(flatten)]
    body: Map<String, Value>,
}

impl From<Stored> for Intent {
    fn from(Stored { id, by, at, kind: Work { name, body } }: Stored) -> Self {
        Self { id, by, at, kind: name, body }
    }
}

impl From<Intent> for Stored {
    fn from(Intent { id, by, at, kind, body }: Intent) -> Self {
        Self { id, by, at, kind: Work { name: kind, body } }
    }
}

/// Work that was begun and not finished.
#[async_trait]
pub trait IntentStore: Send + Sync {
    /// Notes work before its first step. Noting it again changes nothing.
    async fn put(&self, intent: &Intent) -> Result<(), StoreError>;

    /// Forgets work after its last step. Forgetting it again changes nothing.
    async fn done(&self, intent: IntentId) -> Result<(), StoreError>;

    /// Unfinished work of any kind that was begun before `before`, oldest first.
    async fn pending(&self, before: Timestamp, limit: usize) -> Result<Vec<Intent>, StoreError>;
}
