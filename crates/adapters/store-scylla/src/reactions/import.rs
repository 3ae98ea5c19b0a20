//! Taking in sets from another engine.

use petit_domain::ChatId;
use petit_ports::{ReactionSet, StoreError};

use super::rows;
use crate::{error::store_error, handle::ScyllaHandle};

/// How many rows go at once.
const GROUP: usize = 48;

impl ScyllaHandle {
    /// Takes in who reacted to messages of a chat. Again is fine.
    ///
    /// # Errors
    /// If the engine does not answer, or somebody reacts meanwhile.
    pub async fn import_reactions(&self, chat: ChatId, sets: &[ReactionSet]) -> Result<(), StoreError> {
        for set in sets {
            self.import_set(chat, set).await?;
        }
        Ok(())
    }

    async fn import_set(&self, chat: ChatId, set: &ReactionSet) -> Result<(), StoreError> {
        let (engine, place) = (&self.0.engine, (chat, set.seq));
        for group in set.records.chunks(GROUP) {
            let state = rows::state(engine, place).await?;
            let mut writes = vec![rows::advance(place, &state, &set.summary)?];
            writes.extend(group.iter().map(|one| rows::put(place, one)));
            if !engine.batch(writes).await.map_err(store_error)? {
                return Err(StoreError::Inconsistent(format!("somebody reacts in {chat} already")));
            }
            let ver = state.next_ver();
            let mirrored = group.iter().map(|one| rows::mirror(place, (&one.emoji, one.user), ver, true));
            engine.write_all(mirrored.collect()).await?;
        }
        Ok(())
    }
}
