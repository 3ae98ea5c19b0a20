use async_trait::async_trait;
use petit_domain::{Setting, Settings, Timestamp, UserId};
use serde_json::Value;

use super::{Change, StoreError};

/// What people set for themselves, on all their devices: a value for each person and name. Names of newer versions are
/// kept as they are.
#[async_trait]
pub trait SettingStore: Send + Sync {
    /// Sets these, each instead of the value of its name that was there; others stay. Of several who set at once the
    /// later one counts, for each name by itself. What is so already is not written. Answers all of them as they are
    /// then, with a version that is higher than before if anything changed: in microseconds at least `at`.
    async fn set(
        &self,
        user: UserId,
        settings: &[Setting],
        at: Timestamp,
    ) -> Result<(Settings, Change), StoreError>;

    /// What a person set; of nobody it is nothing, with version 0.
    async fn get(&self, user: UserId) -> Result<Settings, StoreError>;

    /// What these people set under one name, each once and in any order; who set nothing under it is left out.
    async fn named(&self, users: &[UserId], name: &str) -> Result<Vec<(UserId, Value)>, StoreError>;
}
