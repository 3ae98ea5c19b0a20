//! Saved messages: those of a person are one partition, changed by conditional batches under a version.

mod rows;

use async_trait::async_trait;
use petit_domain::{ChatId, MOST_SAVED, UserId};
use petit_ports::{Change, Saved, SavedStore, Saving, StoreError};

use self::rows::{State, put, take};
use crate::store::ScyllaStore;

/// How often it is looked again because another process was quicker.
const LOOKS: u32 = 32;

#[async_trait]
impl SavedStore for ScyllaStore {
    async fn add(&self, user: UserId, saved: &Saved) -> Result<Saving, StoreError> {
        let _lane = self.saved.enter(user.uuid()).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, user).await?;
            if let Some(before) = state.find(saved.chat, saved.seq) {
                return Ok(Saving::AlreadySo(before.at));
            }
            if state.saved.len() >= MOST_SAVED {
                return Ok(Saving::TooMany);
            }
            if state.go_on(&self.engine, user, put(user, saved)).await? {
                return Ok(Saving::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn remove(&self, user: UserId, chat: ChatId, seq: i64) -> Result<Change, StoreError> {
        let _lane = self.saved.enter(user.uuid()).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, user).await?;
            if state.find(chat, seq).is_none() {
                return Ok(Change::AlreadySo);
            }
            if state.go_on(&self.engine, user, take(user, chat, seq)).await? {
                return Ok(Change::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn list(&self, user: UserId) -> Result<Vec<Saved>, StoreError> {
        let mut saved = rows::all(&self.engine, user).await?;
        saved.sort_unstable_by_key(Saved::position);
        Ok(saved)
    }
}
