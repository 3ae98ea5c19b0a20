//! Pins: those of a chat are one partition, changed by conditional batches under a version.

mod import;
pub(crate) mod rows;

use async_trait::async_trait;
use petit_domain::{ChatId, MOST_PINS};
use petit_ports::{Change, Pin, PinStore, Pinned, StoreError};

use self::rows::{State, put, take};
use crate::store::ScyllaStore;

/// How often it is looked again because another process was quicker.
const LOOKS: u32 = 32;

#[async_trait]
impl PinStore for ScyllaStore {
    async fn add(&self, chat: ChatId, pin: &Pin) -> Result<Pinned, StoreError> {
        let _lane = self.pins.enter(chat.uuid()).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, chat).await?;
            if state.pins.iter().any(|one| one.seq == pin.seq) {
                return Ok(Pinned::AlreadySo);
            }
            if state.pins.len() >= MOST_PINS {
                return Ok(Pinned::TooMany);
            }
            if state.go_on(&self.engine, chat, vec![put(chat, pin)]).await? {
                return Ok(Pinned::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn remove(&self, chat: ChatId, seq: i64) -> Result<Change, StoreError> {
        let _lane = self.pins.enter(chat.uuid()).await;
        for _ in 0..LOOKS {
            let state = State::read(&self.engine, chat).await?;
            if state.pins.iter().all(|one| one.seq != seq) {
                return Ok(Change::AlreadySo);
            }
            if state.go_on(&self.engine, chat, vec![take(chat, seq)]).await? {
                return Ok(Change::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn is_pinned(&self, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
        rows::is_pinned(&self.engine, chat, seq).await
    }

    async fn list(&self, chat: ChatId) -> Result<Vec<Pin>, StoreError> {
        let mut pins = rows::all(&self.engine, chat).await?;
        pins.sort_unstable_by_key(|pin| std::cmp::Reverse((pin.at, pin.seq)));
        Ok(pins)
    }
}
