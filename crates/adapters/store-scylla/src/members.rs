//! Who is in which chat. The rows of a chat follow its log: each change is one conditional batch that writes the row, the
//! count, how far the log was followed and a version together. A person's own list is a mirror that may name chats too
//! many: it is written before somebody comes in and after they go, and whoever decides on it asks the chat.

use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{ChatId, MemberRecord, MemberRole, Rules, SettingsRecord, Timestamp, UserId};
use petit_ports::{Change, MemberStore, Ruling, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    error::store_error,
    read_markers::raise_all,
    row::{code, member_role_code, register},
    statement::Cql,
    store::ScyllaStore,
};

static STATE: Cql = Cql::serial("SELECT total, ver, applied FROM members WHERE chat_id = ? LIMIT 1");
static ROW: Cql =
    Cql::read("SELECT role, joined_seq, joined_at, is_in FROM members WHERE chat_id = ? AND user_id = ?");
static ROW_SERIAL: Cql =
    Cql::serial("SELECT role, joined_seq, joined_at, is_in FROM members WHERE chat_id = ? AND user_id = ?");
static STANDING: Cql = Cql::read(
    "SELECT role, joined_seq, joined_at, is_in, settings, settings_cseq FROM members WHERE chat_id = ? AND user_id = ?",
);
static SETTINGS: Cql = Cql::serial("SELECT settings_cseq FROM members WHERE chat_id = ? LIMIT 1");
static SET: Cql =
    Cql::lwt("UPDATE members SET settings = ?, settings_cseq = ? WHERE chat_id = ? IF settings_cseq = ?");
static PAGE: Cql = Cql::read(
    "SELECT user_id, role, joined_seq, joined_at, is_in FROM members WHERE chat_id = ? AND user_id > ? LIMIT ?",
);
static NEXT: Cql =
    Cql::lwt("UPDATE members SET total = ?, ver = ?, applied = ? WHERE chat_id = ? IF ver = ?");
static PUT: Cql = Cql::lwt(
    "UPDATE members SET role = ?, joined_seq = ?, joined_at = ?, is_in = true, changed = ? \
     WHERE chat_id = ? AND user_id = ?",
);
static TAKE: Cql =
    Cql::lwt("UPDATE members SET is_in = false, changed = ? WHERE chat_id = ? AND user_id = ?");
static START: Cql =
    Cql::lwt("UPDATE members SET total = ?, ver = 1, applied = -1 WHERE chat_id = ? IF ver = null");
static START_AGAIN: Cql =
    Cql::lwt("UPDATE members SET total = ?, ver = 1, applied = -1 WHERE chat_id = ? IF ver = 0");
static SHARED: Cql =
    Cql::read("SELECT total, settings, settings_cseq FROM members WHERE chat_id = ? LIMIT 1");
static MIRROR: Cql =
    Cql::write("UPDATE inbox USING TIMESTAMP ? SET is_in = ? WHERE user_id = ? AND chat_id = ?");
static INBOX: Cql = Cql::read("SELECT chat_id, is_in FROM inbox WHERE user_id = ?");

/// How often a change is tried against others before it counts as unavailable.
const TRIES: u32 = 40;
const SLICE: i32 = 500;

type MemberRow = (Option<i8>, Option<i64>, Option<i64>, Option<bool>);

/// What a chat's rows say of themselves.
struct State {
    total: i64,
    ver: i64,
    applied: i64,
}

#[async_trait]
impl MemberStore for ScyllaStore {
    async fn applied(&self, chat: ChatId) -> Result<Option<i64>, StoreError> {
        Ok(rows_state(&self.engine, chat).await?.map(|state| state.applied))
    }

    async fn follow(
        &self,
        chat: ChatId,
        after: i64,
        cseq: i64,
        ruling: &Ruling,
    ) -> Result<Change, StoreError> {
        if let Ruling::Set(settings) = ruling {
            self.set(chat, settings).await?;
        }
        for _ in 0..TRIES {
            let state = rows_state(&self.engine, chat).await?.filter(|state| state.applied == after);
            let Some(state) = state else { return Ok(Change::AlreadySo) };
            if let Ruling::Named(name, at) = ruling {
                self.call(chat, name, cseq, *at).await?;
            }
            if let Ruling::In(member) = ruling {
                raise_all(&self.engine, chat, [(member.user, member.joined_seq)].into_iter()).await?;
                self.mirror(chat, member.user, true, state.ver + 1).await?;
            }
            let statements = self.steps(chat, &state, cseq, ruling).await?;
            // An unknown outcome is the caller's to repeat: the repetition finds it done, or does it.
            if self.engine.batch(statements).await.map_err(store_error)? {
                if let Ruling::Out(user) = ruling {
                    self.mirror(chat, *user, false, state.ver + 1).await?;
                }
                return Ok(Change::Done);
            }
        }
        Err(StoreError::Unavailable(None))
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<Option<MemberRecord>, StoreError> {
        let found = self.engine.row::<MemberRow>(&ROW, (chat.uuid(), user.uuid())).await?;
        Ok(found.and_then(|row| member(chat, user, row)))
    }

    async fn standing(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Option<(MemberRecord, Rules)>, StoreError> {
        let found = self.stands(chat, user).await?;
        Ok(found.map(|(member, settings)| (member, settings.rules())))
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
    /// The membership, if it holds now, with what the chat is set to.
    pub(crate) async fn stands(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Option<(MemberRecord, SettingsRecord)>, StoreError> {
        type Found = (Option<i8>, Option<i64>, Option<i64>, Option<bool>, Option<String>, Option<i64>);
        let found = self.engine.row::<Found>(&STANDING, (chat.uuid(), user.uuid())).await?;
        Ok(found.and_then(|(role, seq, at, is_in, settings, cseq)| {
            let member = member(chat, user, (role, seq, at, is_in))?;
            Some((member, SettingsRecord::stored(settings.as_deref(), cseq)))
        }))
    }

    /// Sets a chat to what a change says, unless a later one did.
    async fn set(&self, chat: ChatId, settings: &SettingsRecord) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let found = self.engine.row::<(Option<i64>,)>(&SETTINGS, (chat.uuid(),)).await?;
            let by = found.and_then(|(by,)| by);
            if by.is_some_and(|by| by >= settings.cseq)
                || self.engine.applies(&SET, (settings.text(), settings.cseq, chat.uuid(), by)).await?
            {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable(None))
    }

    /// The statements of one step; its condition comes first.
    async fn steps(
        &self,
        chat: ChatId,
        state: &State,
        cseq: i64,
        ruling: &Ruling,
    ) -> Result<Vec<Bound>, StoreError> {
        let ver = state.ver + 1;
        let was_in = match ruling.person() {
            Some(user) => {
                let row = self.engine.row::<MemberRow>(&ROW_SERIAL, (chat.uuid(), user.uuid())).await?;
                row.is_some_and(|row| member(chat, user, row).is_some())
            }
            None => false,
        };
        let (row, difference) = match ruling {
            Ruling::In(seat) => (Some(seated(seat, ver)), i64::from(!was_in)),
            Ruling::Out(user) if was_in => (Some(Bound::new(&TAKE, (ver, chat.uuid(), user.uuid()))), -1),
            Ruling::Out(_) | Ruling::Named(..) | Ruling::Set(_) | Ruling::Silent => (None, 0),
        };
        let next = (state.total + difference, ver, cseq, chat.uuid(), state.ver);
        Ok(std::iter::once(Bound::new(&NEXT, next)).chain(row).collect())
    }

    /// A later version of the rows wins, whatever the order of arrival; at the same one, being in does.
    async fn mirror(&self, chat: ChatId, user: UserId, is_in: bool, ver: i64) -> Result<(), StoreError> {
        let values = (register(ver), is_in, user.uuid(), chat.uuid());
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
            slice.push((user, member(chat, user, (role, seq, at, is_in))));
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

fn seated(seat: &MemberRecord, ver: i64) -> Bound {
    let (role, seq, at) = (member_role_code(seat.role), seat.joined_seq, seat.joined_at.micros());
    Bound::new(&PUT, (role, seq, at, ver, seat.chat.uuid(), seat.user.uuid()))
}

async fn rows_state(engine: &Engine, chat: ChatId) -> Result<Option<State>, StoreError> {
    type Found = (Option<i64>, Option<i64>, Option<i64>);
    let found = engine.row::<Found>(&STATE, (chat.uuid(),)).await?;
    let Some((Some(total), Some(ver), applied)) = found else { return Ok(None) };
    Ok(Some(State { total, ver, applied: applied.unwrap_or(-1) }))
}

/// The first members of a chat, all at once, unless somebody was put into it before.
pub(crate) async fn start(engine: &Engine, chat: ChatId, members: &[MemberRecord]) -> Result<(), StoreError> {
    let state = rows_state(engine, chat).await?;
    // A version that put members in one by one began at 0.
    let begin = match state {
        None => &START,
        Some(State { ver: 0, .. }) => &START_AGAIN,
        Some(_) => return Ok(()),
    };
    let values = |seat: &MemberRecord| (register(1), true, seat.user.uuid(), chat.uuid());
    engine.write_all(members.iter().map(|seat| Bound::new(&MIRROR, values(seat))).collect()).await?;
    raise_all(engine, chat, members.iter().map(|seat| (seat.user, seat.joined_seq))).await?;
    let condition = Bound::new(begin, (members.len() as i64, chat.uuid()));
    let rows = members.iter().map(|seat| seated(seat, 1));
    engine.batch(std::iter::once(condition).chain(rows).collect()).await.map_err(store_error).map(drop)
}

/// How many are in a chat, and what it is set to.
pub(crate) async fn shared(engine: &Engine, chat: ChatId) -> Result<(i64, SettingsRecord), StoreError> {
    type Found = (Option<i64>, Option<String>, Option<i64>);
    let (total, settings, cseq) = engine.row::<Found>(&SHARED, (chat.uuid(),)).await?.unwrap_or_default();
    Ok((total.unwrap_or(0), SettingsRecord::stored(settings.as_deref(), cseq)))
}

/// The membership, if it holds now.
fn member(
    chat: ChatId,
    user: UserId,
    (role, joined_seq, joined_at, is_in): MemberRow,
) -> Option<MemberRecord> {
    let (Some(role), Some(joined_seq), Some(joined_at), Some(true)) = (role, joined_seq, joined_at, is_in)
    else {
        return None;
    };
    let role = MemberRole::from_parts(code(Some(role)), None);
    let joined_at = Timestamp::from_micros(joined_at);
    Some(MemberRecord { chat, user, role, joined_seq, joined_at })
}
