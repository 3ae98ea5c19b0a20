//! Reactions: the set of a message is one partition, changed by conditional batches; `desk` groups what many do at once.

pub(crate) mod desk;
mod group;
mod import;
pub(crate) mod rows;

use async_trait::async_trait;
use petit_domain::{ChatId, Emoji, Reactions, UserId};
use petit_ports::{Reacted, ReactionRecord, ReactionStore, StoreError};
use uuid::Uuid;

use self::{
    group::Toggle,
    rows::{Place, Row, record},
};
use crate::{error::store_error, statement::Cql, store::ScyllaStore};

static LIST: Cql = Cql::read(
    "SELECT emoji, user_id, at, shown FROM reactions WHERE chat_id = ? AND seq = ? AND (emoji, user_id) > (?, ?) LIMIT ?",
);
static LIST_OF: Cql = Cql::read(
    "SELECT emoji, user_id, at, shown FROM reactions WHERE chat_id = ? AND seq = ? AND emoji = ? AND user_id > ? LIMIT ?",
);
static OWN: Cql =
    Cql::read("SELECT seq, emoji FROM own_reactions WHERE chat_id = ? AND user_id = ? AND seq IN ?");

/// How many are taken out of a set at once.
const CLEARED: usize = 48;

#[async_trait]
impl ReactionStore for ScyllaStore {
    async fn add(&self, chat: ChatId, seq: i64, new: &ReactionRecord) -> Result<Reacted, StoreError> {
        let (emoji, user) = (new.emoji.clone(), new.user);
        let toggle = Toggle { emoji, user, new: Some(new.clone()), may_be_done: false };
        self.reactions.ask((chat, seq), toggle).await
    }

    async fn remove(
        &self,
        chat: ChatId,
        seq: i64,
        user: UserId,
        emoji: &Emoji,
    ) -> Result<Reacted, StoreError> {
        let toggle = Toggle { emoji: emoji.clone(), user, new: None, may_be_done: false };
        self.reactions.ask((chat, seq), toggle).await
    }

    async fn summary(&self, chat: ChatId, seq: i64) -> Result<Reactions, StoreError> {
        rows::summary(&self.engine, (chat, seq)).await
    }

    async fn list(
        &self,
        chat: ChatId,
        seq: i64,
        emoji: Option<&Emoji>,
        after: Option<(&Emoji, UserId)>,
        limit: usize,
    ) -> Result<Vec<ReactionRecord>, StoreError> {
        let (chat, limit) = (chat.uuid(), limit as i32);
        let (above, user) = after.map_or(("", Uuid::nil()), |(emoji, user)| (emoji.as_str(), user.uuid()));
        let found: Vec<Row> = match emoji {
            None => self.engine.rows(&LIST, (chat, seq, above, user, limit)).await?,
            Some(emoji) => self.engine.rows(&LIST_OF, (chat, seq, emoji.as_str(), user, limit)).await?,
        };
        Ok(found.into_iter().map(record).collect())
    }

    async fn own(&self, chat: ChatId, user: UserId, seqs: &[i64]) -> Result<Vec<(i64, Emoji)>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let values = (chat.uuid(), user.uuid(), seqs.to_vec());
        let found = self.engine.rows::<(i64, String)>(&OWN, values).await?;
        Ok(found.into_iter().map(|(seq, emoji)| (seq, Emoji::stored(emoji))).collect())
    }

    async fn clear(&self, chat: ChatId, seq: i64) -> Result<(), StoreError> {
        while self.clear_some((chat, seq)).await? {}
        Ok(())
    }
}

impl ScyllaStore {
    /// Takes some out of a set. Whether there may be more.
    async fn clear_some(&self, place: Place) -> Result<bool, StoreError> {
        let state = rows::state(&self.engine, place).await?;
        let found = ReactionStore::list(self, place.0, place.1, None, None, CLEARED).await?;
        if found.is_empty() && state.summary.is_empty() {
            return Ok(false);
        }
        let mut summary = state.summary.clone();
        found.iter().for_each(|one| summary.remove(&one.emoji, one.user, &[]));
        let mut writes = vec![rows::advance(place, &state, &summary)?];
        writes.extend(found.iter().map(|one| rows::take(place, &one.emoji, one.user)));
        if self.engine.batch(writes).await.map_err(store_error)? {
            let ver = state.next_ver();
            let mirrored = found.iter().map(|one| rows::mirror(place, (&one.emoji, one.user), ver, false));
            self.engine.write_all(mirrored.collect()).await?;
        }
        Ok(true)
    }
}
