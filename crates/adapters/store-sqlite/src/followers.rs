//! Positions are rows. Leases, attendance and news are memory: the file has one process, so who could hold a lease
//! of an earlier one is gone, and news of an earlier one is found by looking.

use async_trait::async_trait;
use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::{FollowerLease, FollowerStore, StoreError, chat_shard};
use rusqlite::{Connection, OptionalExtension, Result, params};
use uuid::Uuid;

use crate::store::SqliteStore;

#[async_trait]
impl FollowerStore for SqliteStore {
    async fn positions(
        &self,
        follower: &str,
        chats: &[ChatId],
    ) -> std::result::Result<Vec<Head>, StoreError> {
        self.read(|connection| chats.iter().map(|chat| position(connection, follower, *chat)).collect())
    }

    async fn advance(&self, follower: &str, to: &[(ChatId, Head)]) -> std::result::Result<(), StoreError> {
        let (follower, to) = (follower.to_owned(), to.to_vec());
        self.write(move |writing| {
            let mut raise = writing.connection.prepare_cached(
                "INSERT INTO follower_positions (follower, chat_id, seq, cseq) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (follower, chat_id) DO UPDATE \
                 SET seq = max(seq, excluded.seq), cseq = max(cseq, excluded.cseq)",
            )?;
            for (chat, head) in &to {
                raise.execute(params![follower, chat.uuid().into_bytes(), head.seq, head.cseq])?;
            }
            Ok(())
        })
        .await
    }

    async fn news(&self, shards: &[u16]) -> std::result::Result<Vec<(ChatId, Head)>, StoreError> {
        let mut news = self.shared.followers.news.lock();
        Ok(news.extract_if(|chat, _| shards.contains(&chat_shard(*chat))).collect())
    }

    async fn attend(
        &self,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> std::result::Result<Vec<Uuid>, StoreError> {
        let mut workers = self.shared.followers.workers.lock();
        workers.retain(|_, until| *until > now);
        workers.insert(worker, until);
        Ok(workers.keys().copied().collect())
    }

    async fn lease(
        &self,
        shard: u16,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> std::result::Result<Option<FollowerLease>, StoreError> {
        let mut leases = self.shared.followers.leases.lock();
        let token = match leases.get(&shard) {
            Some(lease) if lease.owner == worker => lease.token,
            Some(lease) if lease.until > now => return Ok(None),
            Some(lease) => lease.token + 1,
            None => 1,
        };
        let lease = FollowerLease { owner: worker, until, token };
        leases.insert(shard, lease);
        Ok(Some(lease))
    }

    async fn release(&self, shard: u16, worker: Uuid) -> std::result::Result<(), StoreError> {
        let mut leases = self.shared.followers.leases.lock();
        if let Some(lease) = leases.get_mut(&shard).filter(|lease| lease.owner == worker) {
            lease.until = Timestamp::from_micros(0);
        }
        Ok(())
    }
}

fn position(connection: &Connection, follower: &str, chat: ChatId) -> Result<Head> {
    let found = connection
        .prepare_cached("SELECT seq, cseq FROM follower_positions WHERE follower = ?1 AND chat_id = ?2")?
        .query_row(params![follower, chat.uuid().into_bytes()], |found| {
            Ok(Head { seq: found.get(0)?, cseq: found.get(1)? })
        })
        .optional()?;
    Ok(found.unwrap_or(Head::EMPTY))
}
