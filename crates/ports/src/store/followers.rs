use async_trait::async_trait;
use petit_domain::{ChatId, Head, Timestamp};
use uuid::Uuid;

use super::StoreError;

/// Into how many shards the chats of an installation fall.
pub const CHAT_SHARDS: u16 = 64;

/// The shard of a chat: always the same, evenly spread.
pub fn chat_shard(chat: ChatId) -> u16 {
    u16::from(chat.uuid().as_bytes()[15]) % CHAT_SHARDS
}

/// A shard lent to a worker for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerLease {
    /// Who has it.
    pub owner: Uuid,
    /// Until when nobody else gets it.
    pub until: Timestamp,
    /// Rises whenever the shard goes to another owner, so that an older owner can be told from a newer one.
    pub token: i64,
}

/// Positions of followers in the logs of chats, and who follows which of them.
///
/// A follower derives something from a log. It reads on from its position, does what follows and advances, so it
/// may do the last of it again after a crash: what it does has to be harmless when repeated. Positions only rise,
/// so whoever comes late with an old one changes nothing.
#[async_trait]
pub trait FollowerStore: Send + Sync {
    /// Positions of a follower in these chats, in the same order; [`Head::EMPTY`] where it was never.
    async fn positions(&self, follower: &str, chats: &[ChatId]) -> Result<Vec<Head>, StoreError>;

    /// Raises positions. Of each of the two numbers the highest wins, in any order of arrival.
    async fn advance(&self, follower: &str, to: &[(ChatId, Head)]) -> Result<(), StoreError>;

    /// Chats of these shards that were written to lately, with numbers their logs had reached by then. Every write
    /// is in it within two seconds, unless the process that wrote it dies meanwhile or is very busy: news is a hint
    /// that saves looking, and whoever must not miss anything looks through [`super::ChatStore::list_all`] at times.
    /// The same may come again. A shard's news is asked for by the one who has it.
    async fn news(&self, shards: &[u16]) -> Result<Vec<(ChatId, Head)>, StoreError>;

    /// Attendance: says that a worker is here until then, and answers every worker that is here `now`, in order.
    async fn attend(&self, worker: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, StoreError>;

    /// Lends a shard to a worker, or goes on lending it. `None` while another one has it. Of several at once, one wins.
    async fn lease(
        &self,
        shard: u16,
        worker: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<FollowerLease>, StoreError>;

    /// Gives a shard back before its time. Nothing happens if another one has it.
    async fn release(&self, shard: u16, worker: Uuid) -> Result<(), StoreError>;
}
