//! Who is in which chat. The rows of a chat are the truth: each change is one conditional batch that writes
//! the row, the count and a version together. A person's own list is its mirror, written after it; every
//! repetition writes the mirror again, so an interrupted change is mended by its repetition.

use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{ChatId, MemberRecord, MemberRole, Timestamp, UserId};
use petit_ports::{Change, MemberStore, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    error::store_error,
    read_markers::raise,
    row::{code, member_role_code, register},
    statement::Cql,
    store::ScyllaStore,
};

static STATE: Cql = Cql::serial("SELECT total, ver FROM members WHERE chat_id = ? LIMIT 1");
static ROW: Cql = Cql::read(
    "SELECT role, joined_seq, joined_at, is_in, changed FROM members WHERE chat_id = ? AND user_id = ?",
);
static ROW_SERIAL: Cql = Cql::serial(
    "SELECT role, joined_seq, joined_at, is_in, changed FROM members WHERE chat_id = ? AND user_id = ?",
);
static PAGE: Cql = Cql::read(
    "SELECT user_id, role, joined_seq, joined_at, is_in FROM members WHERE chat_id = ? AND user_id > ? LIMIT ?",
);
static NEXT: Cql = Cql::lwt("UPDATE members SET total = ?, ver = ? WHERE chat_id = ? IF ver = ?");
static PUT: Cql = Cql::lwt(
    "UPDATE members SET role = ?, joined_seq = ?, joined_at = ?, is_in = true, changed = ? \
     WHERE chat_id = ? AND user_id = ?",
);
static TAKE: Cql =
    Cql::lwt("UPDATE members SET is_in = false, changed = ? WHERE chat_id = ? AND user_id = ?");
static ROLE: Cql = Cql::lwt("UPDATE members SET role = ?, changed = ? WHERE chat_id = ? AND user_id = ?");
static START: Cql = Cql::lwt("UPDATE members SET total = 0, ver = 0 WHERE chat_id = ? IF ver = null");
static TOTAL: Cql = Cql::read("SELECT total FROM members WHERE chat_id = ? LIMIT 1");
static MIRROR: Cql =
    Cql::write("UPDATE inbox USING TIMESTAMP ? SET is_in = ? WHERE user_id = ? AND chat_id = ?");
static INBOX: Cql = Cql::read("SELECT chat_id, is_in FROM inbox WHERE user_id = ?");

/// How often a change is tried against others before it counts as unavailable.
const TRIES: u32 = 40;
const SLICE: i32 = 500;

type MemberRow = (Option<i8>, Option<i64>, Option<i64>, Option<bool>, Option<i64>);

/// What a change makes of a row; `None` if it is so already.
type Step<'a> = &'a (dyn Fn(Option<&MemberRecord>, i64) -> Option<(Bound, i64, bool)> + Send + Sync);

#[async_trait]
impl MemberStore for ScyllaStore {
    async fn add(&self, member: &MemberRecord) -> Result<Change, StoreError> {
        let added = self
            .change(member.chat, member.user, &|before, ver| {
                before.is_none().then(|| {
                    let role = member_role_code(member.role);
                    let (seq, at) = (member.joined_seq, member.joined_at.micros());
                    let values = (role, seq, at, ver, member.chat.uuid(), member.user.uuid());
                    (Bound::new(&PUT, values), 1, true)
                })
            })
            .await?;
        raise(&self.engine, member.chat, member.user, member.joined_seq).await?;
        Ok(added)
    }

    async fn remove(&self, chat: ChatId, user: UserId) -> Result<Change, StoreError> {
        self.change(chat, user, &|before, ver| {
            before.map(|_| (Bound::new(&TAKE, (ver, chat.uuid(), user.uuid())), -1, false))
        })
        .await
    }

    async fn set_role(&self, chat: ChatId, user: UserId, role: MemberRole) -> Result<Change, StoreError> {
        self.change(chat, user, &|before, ver| {
            before.filter(|before| before.role != role).map(|_| {
                let values = (member_role_code(role), ver, chat.uuid(), user.uuid());
                (Bound::new(&ROLE, values), 0, true)
            })
        })
        .await
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<Option<MemberRecord>, StoreError> {
        let found = self.engine.row::<MemberRow>(&ROW, (chat.uuid(), user.uuid())).await?;
        Ok(found.and_then(|row| member(chat, user, row).0))
    }

    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<MemberRecord>, StoreError> {
        let mut members = Vec::new();
        let mut after = after.map_or(Uuid::nil(), UserId::uuid);
        loop {
            let slice = self.slice(chat, after).await?;
            let is_last = slice.len() < SLICE as usize;
            after = slice.last().map_or(after, |(user, _)| user.uuid());
            members.extend(slice.into_iter().filter_map(|(_, record)| record));
            if is_last || members.len() >= limit {
                members.truncate(limit);
                return Ok(members);
            }
        }
    }

    async fn share_chat(&self, a: UserId, b: UserId) -> Result<bool, StoreError> {
        if a == b {
            return Ok(true);
        }
        let (mine, theirs) = (self.chats_of(a).await?, self.chats_of(b).await?);
        let common: Vec<ChatId> = mine.into_iter().filter(|chat| theirs.contains(chat)).collect();
        for chat in common {
            let both = try_join_all([a, b].map(|user| MemberStore::get(self, chat, user))).await?;
            if both.iter().all(Option::is_some) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl ScyllaStore {
    /// Changes one row and the count in one step, against everybody else who does so.
    async fn change(&self, chat: ChatId, user: UserId, step: Step<'_>) -> Result<Change, StoreError> {
        for _ in 0..TRIES {
            let state = self.engine.row::<(Option<i64>, Option<i64>)>(&STATE, (chat.uuid(),)).await?;
            let Some((Some(total), Some(ver))) = state else { return Ok(Change::AlreadySo) };
            let row = self.engine.row::<MemberRow>(&ROW_SERIAL, (chat.uuid(), user.uuid())).await?;
            let (before, changed) = row.map_or((None, None), |row| member(chat, user, row));
            let Some((write, difference, is_in)) = step(before.as_ref(), ver + 1) else {
                self.mirror(chat, user, before.is_some(), changed).await?;
                return Ok(Change::AlreadySo);
            };
            let next = Bound::new(&NEXT, (total + difference, ver + 1, chat.uuid(), ver));
            // An unknown outcome is the caller's to repeat: the repetition finds it done, or does it.
            if self.engine.batch(vec![next, write]).await.map_err(store_error)? {
                self.mirror(chat, user, is_in, Some(ver + 1)).await?;
                return Ok(Change::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn mirror(
        &self,
        chat: ChatId,
        user: UserId,
        is_in: bool,
        changed: Option<i64>,
    ) -> Result<(), StoreError> {
        let Some(changed) = changed else { return Ok(()) };
        let values = (register(changed), is_in, user.uuid(), chat.uuid());
        self.engine.run(&MIRROR, values).await.map(drop)
    }

    async fn slice(
        &self,
        chat: ChatId,
        after: Uuid,
    ) -> Result<Vec<(UserId, Option<MemberRecord>)>, StoreError> {
        type PageRow = (Option<Uuid>, Option<i8>, Option<i64>, Option<i64>, Option<bool>);
        let rows = self.engine.rows::<PageRow>(&PAGE, (chat.uuid(), after, SLICE)).await?;
        let mut slice = Vec::with_capacity(rows.len());
        for (user, role, seq, at, is_in) in rows {
            let Some(user) = user.map(UserId::from_uuid) else { continue };
            slice.push((user, member(chat, user, (role, seq, at, is_in, None)).0));
        }
        Ok(slice)
    }

    /// The chats a person's own list names. Whoever decides on it asks the chat too.
    pub(crate) async fn chats_of(&self, user: UserId) -> Result<Vec<ChatId>, StoreError> {
        let rows = self.engine.rows::<(Uuid, Option<bool>)>(&INBOX, (user.uuid(),)).await?;
        let mine = rows.into_iter().filter(|(_, is_in)| *is_in == Some(true));
        Ok(mine.map(|(chat, _)| ChatId::from_uuid(chat)).collect())
    }
}

/// An empty set of members, unless there is one.
pub(crate) async fn start(engine: &Engine, chat: ChatId) -> Result<(), StoreError> {
    engine.applies(&START, (chat.uuid(),)).await.map(drop)
}

pub(crate) async fn total(engine: &Engine, chat: ChatId) -> Result<i64, StoreError> {
    let found = engine.row::<(Option<i64>,)>(&TOTAL, (chat.uuid(),)).await?;
    Ok(found.and_then(|(total,)| total).unwrap_or(0))
}

/// The membership if it holds now, and the version that made it so or not.
fn member(
    chat: ChatId,
    user: UserId,
    (role, joined_seq, joined_at, is_in, changed): MemberRow,
) -> (Option<MemberRecord>, Option<i64>) {
    let (Some(role), Some(joined_seq), Some(joined_at), Some(true)) = (role, joined_seq, joined_at, is_in)
    else {
        return (None, changed);
    };
    let role = MemberRole::from_parts(code(Some(role)), None);
    let joined_at = Timestamp::from_micros(joined_at);
    (Some(MemberRecord { chat, user, role, joined_seq, joined_at }), changed)
}
