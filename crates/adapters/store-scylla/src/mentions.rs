//! Mentions by person, and by message to find them again when it changes. Every row is written at the time of its
//! message's version, so of several writers the newest version wins, whoever comes last.

use std::collections::HashMap;

use async_trait::async_trait;
use petit_domain::{ChatId, Timestamp, UserId};
use petit_ports::{COUNTED_MENTIONS, Mention, MentionStore, MentionedBy, StoreError};
use uuid::Uuid;

use crate::{engine::Bound, row::register, statement::Cql, store::ScyllaStore};

static VERSION: Cql =
    Cql::write("UPDATE mentioned USING TIMESTAMP ? SET version = ? WHERE chat_id = ? AND seq = ?");
static MENTIONED: Cql = Cql::read("SELECT version, user_id FROM mentioned WHERE chat_id = ? AND seq = ?");
static PUT_BY_MESSAGE: Cql =
    Cql::write("INSERT INTO mentioned (chat_id, seq, user_id) VALUES (?, ?, ?) USING TIMESTAMP ?");
static TAKE_BY_MESSAGE: Cql =
    Cql::write("DELETE FROM mentioned USING TIMESTAMP ? WHERE chat_id = ? AND seq = ? AND user_id = ?");
static PUT: Cql =
    Cql::write("INSERT INTO mentions (user_id, at, chat_id, seq) VALUES (?, ?, ?, ?) USING TIMESTAMP ?");
static TAKE: Cql = Cql::write(
    "DELETE FROM mentions USING TIMESTAMP ? WHERE user_id = ? AND at = ? AND chat_id = ? AND seq = ?",
);
static NEWEST: Cql = Cql::read("SELECT at, chat_id, seq FROM mentions WHERE user_id = ? LIMIT ?");
static PAGE: Cql = Cql::read(
    "SELECT at, chat_id, seq FROM mentions WHERE user_id = ? AND (at, chat_id, seq) < (?, ?, ?) LIMIT ?",
);

type MentionRow = (i64, Uuid, i64);

#[async_trait]
impl MentionStore for ScyllaStore {
    /// The version is written first and looked at last: of two who settle different versions at the same time, the
    /// older one sees the newer one before or after its rows are there, and leaves none behind.
    async fn settle(&self, mentioned: &MentionedBy) -> Result<(), StoreError> {
        let (chat, seq, version) = (mentioned.chat.uuid(), mentioned.seq, mentioned.version);
        self.engine.run(&VERSION, (register(version), version, chat, seq)).await?;
        let (newest, before) = self.mentioned(chat, seq).await?;
        if newest > version {
            return Ok(());
        }
        let gone = before.iter().filter(|user| !mentioned.people.contains(user));
        let mut rows: Vec<Bound> =
            mentioned.people.iter().map(|user| put_by_message(mentioned, *user)).collect();
        rows.extend(gone.clone().map(|user| take_by_message(mentioned, *user)));
        self.engine.write_all(rows).await?;
        let mut rows: Vec<Bound> = mentioned.people.iter().map(|user| put(mentioned, *user)).collect();
        rows.extend(gone.map(|user| take(mentioned, *user)));
        self.engine.write_all(rows).await?;
        let (newest, _) = self.mentioned(chat, seq).await?;
        if newest > version {
            let mine = mentioned.people.iter();
            let back = mine.flat_map(|user| [take_by_message(mentioned, *user), take(mentioned, *user)]);
            self.engine.write_all(back.collect()).await?;
        }
        Ok(())
    }

    async fn list(
        &self,
        user: UserId,
        after: Option<&Mention>,
        limit: usize,
    ) -> Result<Vec<Mention>, StoreError> {
        let (user, limit) = (user.uuid(), limit as i32);
        let found: Vec<MentionRow> = match after {
            None => self.engine.rows(&NEWEST, (user, limit)).await?,
            Some(after) => {
                let values = (user, after.at.micros(), after.chat.uuid(), after.seq, limit);
                self.engine.rows(&PAGE, values).await?
            }
        };
        let mention =
            |(at, chat, seq)| Mention { at: Timestamp::from_micros(at), chat: ChatId::from_uuid(chat), seq };
        Ok(found.into_iter().map(mention).collect())
    }

    async fn count(&self, user: UserId, above: &[(ChatId, i64)]) -> Result<Vec<i64>, StoreError> {
        if above.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<MentionRow> =
            self.engine.rows(&NEWEST, (user.uuid(), COUNTED_MENTIONS as i32)).await?;
        let mut numbers: HashMap<Uuid, Vec<i64>> = HashMap::new();
        for (_, chat, seq) in found {
            numbers.entry(chat).or_default().push(seq);
        }
        let count = |(chat, above): &(ChatId, i64)| {
            numbers.get(&chat.uuid()).map_or(0, |seqs| seqs.iter().filter(|seq| *seq > above).count() as i64)
        };
        Ok(above.iter().map(count).collect())
    }
}

impl ScyllaStore {
    /// The newest version that somebody settled, and whom the message mentions by now.
    async fn mentioned(&self, chat: Uuid, seq: i64) -> Result<(i64, Vec<UserId>), StoreError> {
        let rows = self.engine.rows::<(Option<i64>, Option<Uuid>)>(&MENTIONED, (chat, seq)).await?;
        let newest = rows.iter().find_map(|(version, _)| *version).unwrap_or(i64::MIN);
        Ok((newest, rows.into_iter().filter_map(|(_, user)| user.map(UserId::from_uuid)).collect()))
    }
}

fn put_by_message(by: &MentionedBy, user: UserId) -> Bound {
    Bound::new(&PUT_BY_MESSAGE, (by.chat.uuid(), by.seq, user.uuid(), register(by.version)))
}

fn take_by_message(by: &MentionedBy, user: UserId) -> Bound {
    Bound::new(&TAKE_BY_MESSAGE, (register(by.version), by.chat.uuid(), by.seq, user.uuid()))
}

fn put(by: &MentionedBy, user: UserId) -> Bound {
    Bound::new(&PUT, (user.uuid(), by.at.micros(), by.chat.uuid(), by.seq, register(by.version)))
}

fn take(by: &MentionedBy, user: UserId) -> Bound {
    Bound::new(&TAKE, (register(by.version), user.uuid(), by.at.micros(), by.chat.uuid(), by.seq))
}
