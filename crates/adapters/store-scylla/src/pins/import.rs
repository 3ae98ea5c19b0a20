//! Taking in pins from another engine.

use petit_domain::ChatId;
use petit_ports::{Pin, StoreError};

use super::rows::{State, put};
use crate::handle::ScyllaHandle;

impl ScyllaHandle {
    /// Takes in what is pinned in a chat. Again is fine.
    ///
    /// # Errors
    /// If the engine does not answer, or somebody pins meanwhile.
    pub async fn import_pins(&self, chat: ChatId, pins: &[Pin]) -> Result<(), StoreError> {
        let (engine, state) = (&self.0.engine, State::read(&self.0.engine, chat).await?);
        if pins.is_empty()
            || state.go_on(engine, chat, pins.iter().map(|pin| put(chat, pin)).collect()).await?
        {
            return Ok(());
        }
        Err(StoreError::Inconsistent(format!("somebody pins in {chat} already")))
    }
}
