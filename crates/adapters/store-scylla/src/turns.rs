use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, Timestamp, UserId};
use petit_ports::{LastTurn, StoreError, Turn, TurnStore};

use crate::{row::value, statement::Cql, store::ScyllaStore};

/// Rows go by themselves a day later: no slow mode is as long.
static FIRST: Cql = Cql::lwt(
    "INSERT INTO turns (chat_id, user_id, client_id, at) VALUES (?, ?, ?, ?) IF NOT EXISTS USING TTL 86400",
);
static NEXT: Cql = Cql::lwt(
    "UPDATE turns USING TTL 86400 SET client_id = ?, at = ? WHERE chat_id = ? AND user_id = ? \
     IF client_id = ? AND at = ?",
);
static LAST: Cql = Cql::serial("SELECT client_id, at FROM turns WHERE chat_id = ? AND user_id = ?");

/// How often it is looked again because the same person was quicker elsewhere.
const LOOKS: u32 = 32;

#[async_trait]
impl TurnStore for ScyllaStore {
    async fn take(
        &self,
        chat: ChatId,
        user: UserId,
        client_id: &ClientId,
        at: Timestamp,
        slow_s: u16,
    ) -> Result<Turn, StoreError> {
        let (key, new) = ((chat.uuid(), user.uuid()), (client_id.as_str(), at.micros()));
        for _ in 0..LOOKS {
            let is_taken = match self.engine.row::<(Option<String>, Option<i64>)>(&LAST, key).await? {
                Some((Some(name), Some(since))) => {
                    let last =
                        LastTurn { client_id: value(name.clone())?, at: Timestamp::from_micros(since) };
                    if let Some(answer) = last.answer(client_id, at, slow_s) {
                        return Ok(answer);
                    }
                    self.engine.applies(&NEXT, (new.0, new.1, key.0, key.1, name, since)).await?
                }
                _ => self.engine.applies(&FIRST, (key.0, key.1, new.0, new.1)).await?,
            };
            if is_taken {
                return Ok(Turn::Taken);
            }
        }
        Err(StoreError::Unavailable(None))
    }
}
