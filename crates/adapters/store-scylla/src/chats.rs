use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, Choices, Head, MemberRecord, Message, SettingsRecord, Timestamp,
    UserId, fold,
};
use petit_ports::{
    CHAT_SHARDS, Change, ChatPosition, ChatStore, ChatView, LogReader, MemberStore, OpenPosition, StoreError,
    active_at, chat_shard,
};
use uuid::Uuid;

use crate::{
    log::state::{self, LogState, state},
    members,
    memory::Read,
    news::listed,
    read_markers::{marker, unread},
    row::{code, tiny, unset, value},
    statement::Cql,
    store::ScyllaStore,
};

static PUT: Cql = Cql::lwt(
    "INSERT INTO chats (chat_id, kind, kind_name, name, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?) \
     IF NOT EXISTS",
);
static GET: Cql =
    Cql::read("SELECT kind, kind_name, name, created_by, created_at FROM chats WHERE chat_id = ?");
static NAMED: Cql = Cql::serial("SELECT name, kind, named_by, named_at FROM chats WHERE chat_id = ?");
static RENAME: Cql =
    Cql::lwt("UPDATE chats SET name = ?, named_by = ?, named_at = ? WHERE chat_id = ? IF named_by = ?");
static CLAIM: Cql = Cql::lwt("INSERT INTO pairs (low, high, chat_id) VALUES (?, ?, ?) IF NOT EXISTS");
static PAIR: Cql = Cql::read("SELECT chat_id FROM pairs WHERE low = ? AND high = ?");
/// Written at the time of the naming, so that a copy that comes late changes nothing.
static OPEN_PUT: Cql =
    Cql::write("INSERT INTO open_chats (space, folded, chat_id) VALUES (?, ?, ?) USING TIMESTAMP ?");
static OPEN_TAKE: Cql =
    Cql::write("DELETE FROM open_chats USING TIMESTAMP ? WHERE space = ? AND folded = ? AND chat_id = ?");
static OPEN_PAGE: Cql = Cql::read(
    "SELECT folded, chat_id FROM open_chats WHERE space = ? AND (folded, chat_id) > (?, ?) LIMIT ?",
);

static LISTED: Cql =
    Cql::read("SELECT chat_id FROM chats_by_shard WHERE space = ? AND shard = ? AND chat_id > ? LIMIT ?");

/// How often a naming is tried against others.
const TRIES: u32 = 40;
/// How many chats are looked at side by side.
const AT_ONCE: usize = 32;

#[async_trait]
impl ChatStore for ScyllaStore {
    /// Every step may be repeated, and a repetition does what an interrupted one left out.
    async fn create(&self, chat: &ChatRecord, seats: &[MemberRecord]) -> Result<Change, StoreError> {
        let name = unset(chat.name.as_ref().map(ChatName::as_str));
        let (code, kind_name) = chat.kind.parts();
        let kind = (tiny(code), unset(kind_name));
        let (by, at) = (chat.created_by.uuid(), chat.created_at.micros());
        let is_new = self.engine.applies(&PUT, (chat.id.uuid(), kind.0, kind.1, name, by, at)).await?;
        members::start(&self.engine, chat.id, seats).await?;
        state::open(&self.engine, chat.id, chat.created_at).await?;
        self.engine.write_all(vec![listed(self.engine.space, chat.id)]).await?;
        if let (ChatKind::Open, Some(name)) = (chat.kind, &chat.name) {
            self.engine.run(&OPEN_PUT, (self.engine.space, fold(name.as_str()), chat.id.uuid(), at)).await?;
        }
        Ok(if is_new { Change::Done } else { Change::AlreadySo })
    }

    async fn claim_direct(&self, a: UserId, b: UserId, candidate: ChatId) -> Result<ChatId, StoreError> {
        let (low, high) = (a.min(b).uuid(), a.max(b).uuid());
        if self.engine.applies(&CLAIM, (low, high, candidate.uuid())).await? {
            return Ok(candidate);
        }
        let found = self.engine.row::<(Uuid,)>(&PAIR, (low, high)).await?;
        found.map(|(chat,)| ChatId::from_uuid(chat)).ok_or(StoreError::Unavailable(None))
    }

    async fn get(&self, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        Ok(self.with_log(chat).await?.map(|(record, _)| record))
    }

    async fn list_for(
        &self,
        user: UserId,
        archived: bool,
        until: Timestamp,
        after: Option<&ChatPosition>,
        limit: usize,
    ) -> Result<Vec<ChatView>, StoreError> {
        let (logs, mut choices) = tokio::try_join!(self.logs_of(user), self.all_choices(user))?;
        let logs = logs.into_iter().filter(|(.., is_archived)| *is_archived == archived);
        let mut order: Vec<(Timestamp, ChatId)> = Vec::new();
        for (chat, log, _) in logs {
            order.push((self.active_at(chat, log.last_at, until).await?, chat));
        }
        order.sort_unstable_by(|a, b| b.cmp(a));
        order.retain(|place| after.is_none_or(|after| place < after));
        let mut views = Vec::new();
        for turn in order.chunks(limit.clamp(1, AT_ONCE)) {
            let looks = turn.iter().map(|(_, chat)| {
                let choices = choices.remove(chat).unwrap_or_default();
                self.view(user, *chat, async { Ok(choices) })
            });
            let found = try_join_all(looks).await?;
            views.extend(found.into_iter().flatten());
            if views.len() >= limit {
                break;
            }
        }
        views.truncate(limit);
        Ok(views)
    }

    async fn find_for(&self, user: UserId, chat: ChatId) -> Result<Option<ChatView>, StoreError> {
        self.view(user, chat, self.choices(user, chat)).await
    }

    async fn heads_for(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, StoreError> {
        Ok(self.logs_of(user).await?.into_iter().map(|(chat, log, _)| (chat, log.head)).collect())
    }

    async fn list_open(
        &self,
        prefix: &str,
        after: Option<&OpenPosition>,
        limit: usize,
    ) -> Result<Vec<ChatRecord>, StoreError> {
        let (mut name, mut id) = match after {
            Some((name, id)) if name.as_str() >= prefix => (name.clone(), id.uuid()),
            _ => (prefix.to_owned(), Uuid::nil()),
        };
        let mut chats = Vec::new();
        loop {
            let values = (self.engine.space, name.as_str(), id, limit as i32);
            let slice = self.engine.rows::<(String, Uuid)>(&OPEN_PAGE, values).await?;
            let is_last = slice.len() < limit || slice.iter().any(|(name, _)| !name.starts_with(prefix));
            for (folded, chat) in slice.iter().filter(|(name, _)| name.starts_with(prefix)) {
                let record = ChatStore::get(self, ChatId::from_uuid(*chat)).await?;
                chats.extend(record.filter(|record| is_called(record, folded)));
            }
            let Some(last) = slice.last() else { break };
            (name, id) = last.clone();
            if is_last || chats.len() >= limit {
                break;
            }
        }
        chats.truncate(limit);
        Ok(chats)
    }

    /// By shard, then by id.
    async fn list_all(&self, after: Option<ChatId>, limit: usize) -> Result<Vec<ChatId>, StoreError> {
        let mut from = after.map_or(Uuid::nil(), ChatId::uuid);
        let mut chats = Vec::new();
        for shard in after.map_or(0, chat_shard)..CHAT_SHARDS {
            let values = (self.engine.space, i32::from(shard), from, (limit - chats.len()) as i32);
            let slice = self.engine.rows::<(Uuid,)>(&LISTED, values).await?;
            chats.extend(slice.into_iter().map(|(chat,)| ChatId::from_uuid(chat)));
            if chats.len() >= limit {
                break;
            }
            from = Uuid::nil();
        }
        Ok(chats)
    }
}

impl ScyllaStore {
    async fn view(
        &self,
        user: UserId,
        chat: ChatId,
        choices: impl Future<Output = Result<Choices, StoreError>>,
    ) -> Result<Option<ChatView>, StoreError> {
        let (member, record, read, choices) = tokio::join!(
            MemberStore::get(self, chat, user),
            self.with_log(chat),
            marker(&self.engine, chat, user),
            choices
        );
        let (Some(member), Some((chat, log)), read, choices) = (member?, record?, read?, choices?) else {
            return Ok(None);
        };
        let (marker, read) = (read.seq, unread_above(read, &choices));
        let (last_message, read) = tokio::join!(
            LogReader::get(self, chat.id, chat.head.seq),
            unread(&self.engine, chat.id, &log, read)
        );
        let (last_message, read) = (last_message?, read?);
        let last_message = last_message
            .map(|message| Message { counted: message.counted.or(Some(read.counted)), ..message });
        let peer = match chat.kind {
            ChatKind::Direct => {
                let both = self.list(chat.id, None, 2).await?;
                let other = both.iter().map(|member| member.user).find(|other| *other != user);
                Some(other.unwrap_or(user))
            }
            ChatKind::Group | ChatKind::Open | ChatKind::Other(_) => None,
        };
        Ok(Some(ChatView { chat, member, marker, read, choices, last_message, peer }))
    }

    /// [`petit_ports::active_at`] of a chat whose newest message is of this time.
    async fn active_at(
        &self,
        chat: ChatId,
        last_message_at: Timestamp,
        until: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        if last_message_at <= until {
            return Ok(last_message_at);
        }
        let bare = self.bare(chat).await?;
        Ok(bare.map_or(last_message_at, |bare| active_at(&ChatRecord { last_message_at, ..bare }, until)))
    }

    async fn with_log(&self, chat: ChatId) -> Result<Option<(ChatRecord, LogState)>, StoreError> {
        let (bare, log, shared) =
            tokio::join!(self.bare(chat), state(&self.engine, chat), members::shared(&self.engine, chat));
        let (Some(bare), Some(log)) = (bare?, log?) else { return Ok(None) };
        let (member_count, settings) = shared?;
        let (head, last_message_at) = (log.head, log.last_at);
        let record = ChatRecord { head, last_message_at, member_count, settings, ..bare };
        Ok(Some((record, log)))
    }

    /// The chat without what its log and its members say.
    async fn bare(&self, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        type Found = (Option<i8>, Option<String>, Option<String>, Option<Uuid>, Option<i64>);
        let found = self.engine.row::<Found>(&GET, (chat.uuid(),)).await?;
        let Some((Some(kind), kind_name, name, Some(created_by), Some(created_at))) = found else {
            return Ok(None);
        };
        let created_at = Timestamp::from_micros(created_at);
        Ok(Some(ChatRecord {
            id: chat,
            kind: ChatKind::from_parts(code(Some(kind)), kind_name.as_deref()),
            name: name.map(value).transpose()?,
            created_by: UserId::from_uuid(created_by),
            created_at,
            head: Head::EMPTY,
            last_message_at: created_at,
            member_count: 0,
            settings: SettingsRecord::default(),
        }))
    }

    /// Names a chat as a change says, unless a later one did. The list of open chats follows; what an interrupted
    /// renaming left there is not shown.
    pub(crate) async fn call(
        &self,
        chat: ChatId,
        name: &ChatName,
        cseq: i64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        type Found = (Option<String>, Option<i8>, Option<i64>, Option<i64>);
        for _ in 0..TRIES {
            let Some((old, kind, by, since)) = self.engine.row::<Found>(&NAMED, (chat.uuid(),)).await? else {
                return Ok(());
            };
            if by.is_some_and(|by| by > cseq) {
                return Ok(());
            }
            let is_so = by == Some(cseq);
            let since = since.filter(|_| is_so).unwrap_or_else(|| at.micros().max(since.unwrap_or(0) + 1));
            let values = (name.as_str(), cseq, since, chat.uuid(), by);
            if !is_so && !self.engine.applies(&RENAME, values).await? {
                continue;
            }
            if ChatKind::from_parts(code(kind), None) == ChatKind::Open {
                self.list_under(chat, old.as_deref(), name, since).await?;
            }
            return Ok(());
        }
        Err(StoreError::Unavailable(None))
    }

    async fn list_under(
        &self,
        chat: ChatId,
        old: Option<&str>,
        name: &ChatName,
        since: i64,
    ) -> Result<(), StoreError> {
        let (space, folded) = (self.engine.space, fold(name.as_str()));
        let old = old.map(fold).filter(|old| *old != folded);
        self.engine.run(&OPEN_PUT, (space, folded, chat.uuid(), since)).await?;
        if let Some(old) = old {
            self.engine.run(&OPEN_TAKE, (since, space, old, chat.uuid())).await?;
        }
        Ok(())
    }

    /// The logs of every chat a person is in, and whether it is archived. The order of a list is read from them when it is asked for:
    /// keeping every member's list sorted would cost a write for each of them at every message.
    async fn logs_of(&self, user: UserId) -> Result<Vec<(ChatId, LogState, bool)>, StoreError> {
        let chats = self.chats_of(user).await?;
        let looks = stream::iter(chats.into_iter().map(|chat| async move {
            let (log, stands) = tokio::join!(state(&self.engine, chat), self.stands(chat, user));
            let (Some(log), Some((_, settings))) = (log?, stands?) else { return Ok(None) };
            Ok::<_, StoreError>(Some((chat, log, settings.is_archived())))
        }));
        let found: Vec<_> = looks.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Where unread begins. What counts up to there is only known of a marker, and of nothing.
fn unread_above(read: Read, choices: &Choices) -> Read {
    match choices.unread_above(read.seq) {
        seq if seq == read.seq => read,
        seq => Read { seq, uncounted: (seq < 0).then_some(0) },
    }
}

fn is_called(record: &ChatRecord, folded: &str) -> bool {
    record.kind == ChatKind::Open && record.name.as_ref().is_some_and(|name| fold(name.as_str()) == folded)
}
