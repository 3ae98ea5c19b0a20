use async_trait::async_trait;
use petit_domain::{ChatId, ScheduledId, TimerId, Timestamp, UserId};
use petit_ports::{Scheduled, ScheduledPosition, ScheduledState, ScheduledStore, StoreError};
use uuid::Uuid;

use crate::{
    row::{unset, value},
    statement::Cql,
    store::ScyllaStore,
};

static PUT: Cql = Cql::lwt(
    "INSERT INTO scheduled (author, id, chat_id, body, client_id, reply_seq, send_at, created_at, timer, state, \
     reason, is_held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS",
);
static FIND: Cql = Cql::serial(
    "SELECT id, chat_id, body, client_id, reply_seq, send_at, created_at, timer, state, reason, is_held \
     FROM scheduled WHERE author = ? AND id = ?",
);
/// A person has some hundreds at most, with those that were sent lately: they are sorted when asked for.
static ALL: Cql = Cql::read(
    "SELECT id, chat_id, body, client_id, reply_seq, send_at, created_at, timer, state, reason, is_held \
     FROM scheduled WHERE author = ?",
);
/// Nulls are bound on purpose: what was there before has to go.
static REPLACE: Cql = Cql::lwt(
    "UPDATE scheduled SET body = ?, reply_seq = ?, send_at = ?, timer = ?, state = ?, reason = ?, \
     is_held = ? WHERE author = ? AND id = ? IF state = ? AND timer = ?",
);
static REMOVE: Cql = Cql::lwt("DELETE FROM scheduled WHERE author = ? AND id = ? IF state = ? AND timer = ?");

const SENT: i8 = 3;

type Row =
    (Uuid, Uuid, Option<String>, String, Option<i64>, i64, i64, Uuid, i8, Option<String>, Option<bool>);

#[async_trait]
impl ScheduledStore for ScyllaStore {
    async fn put(&self, new: &Scheduled) -> Result<Option<Scheduled>, StoreError> {
        let (state, reason) = state_columns(&new.state);
        let values = (
            new.author.uuid(),
            new.id.uuid(),
            new.chat.uuid(),
            new.text.as_str(),
            new.client_id.as_str(),
            unset(new.reply_to),
            new.send_at.micros(),
            new.created_at.micros(),
            new.timer.uuid(),
            state,
            unset(reason),
            unset(new.is_held.then_some(true)),
        );
        if self.engine.applies(&PUT, values).await? {
            return Ok(None);
        }
        // Gone again meanwhile: whoever asks again finds its place free.
        let first = ScheduledStore::get(self, new.author, new.id).await?;
        first.map(Some).ok_or(StoreError::Unavailable(None))
    }

    async fn get(&self, author: UserId, id: ScheduledId) -> Result<Option<Scheduled>, StoreError> {
        let found = self.engine.row::<Row>(&FIND, (author.uuid(), id.uuid())).await?;
        found.map(|row| scheduled(author, row)).transpose()
    }

    async fn list(
        &self,
        author: UserId,
        after: Option<&ScheduledPosition>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let rows = self.engine.rows::<Row>(&ALL, (author.uuid(),)).await?;
        let all = rows.into_iter().map(|row| scheduled(author, row)).collect::<Result<Vec<_>, _>>()?;
        let (sent, mut waiting): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.state == ScheduledState::Sent);
        self.forget_old(&sent).await?;
        waiting.sort_by_key(|one| (one.send_at, one.id));
        waiting.retain(|one| after.is_none_or(|after| (one.send_at, one.id) > *after));
        waiting.truncate(limit);
        Ok(waiting)
    }

    async fn swap(&self, before: &Scheduled, after: Option<&Scheduled>) -> Result<bool, StoreError> {
        let (author, id, timer) = (before.author.uuid(), before.id.uuid(), before.timer.uuid());
        let (state, _) = state_columns(&before.state);
        let Some(after) = after else {
            return self.engine.applies(&REMOVE, (author, id, state, timer)).await;
        };
        let (now, reason) = state_columns(&after.state);
        let values = (
            after.text.as_str(),
            after.reply_to,
            after.send_at.micros(),
            after.timer.uuid(),
            now,
            reason,
            after.is_held,
            author,
            id,
            state,
            timer,
        );
        self.engine.applies(&REPLACE, values).await
    }
}

impl ScyllaStore {
    async fn forget_old(&self, sent: &[Scheduled]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let is_old = |one: &&Scheduled| {
            let remembered_s =
                if one.is_held { Scheduled::HELD_REMEMBERED_S } else { Scheduled::REMEMBERED_S };
            one.send_at < now.plus_seconds(-remembered_s)
        };
        for old in sent.iter().filter(is_old) {
            let values = (old.author.uuid(), old.id.uuid(), SENT, old.timer.uuid());
            self.engine.applies(&REMOVE, values).await?;
        }
        Ok(())
    }
}

fn state_columns(state: &ScheduledState) -> (i8, Option<&str>) {
    match state {
        ScheduledState::Waiting => (0, None),
        ScheduledState::Sending => (1, None),
        ScheduledState::Failed(reason) => (2, Some(reason)),
        ScheduledState::Sent => (SENT, None),
    }
}

fn scheduled(author: UserId, row: Row) -> Result<Scheduled, StoreError> {
    let (id, chat, text, client_id, reply_to, send_at, created_at, timer, state, reason, is_held) = row;
    let state = match state {
        0 => ScheduledState::Waiting,
        1 => ScheduledState::Sending,
        2 => ScheduledState::Failed(reason.unwrap_or_default()),
        SENT => ScheduledState::Sent,
        other => return Err(StoreError::Inconsistent(format!("a scheduled message in state {other}"))),
    };
    Ok(Scheduled {
        id: ScheduledId::from_uuid(id),
        author,
        chat: ChatId::from_uuid(chat),
        text: text.unwrap_or_default(),
        client_id: value(client_id)?,
        reply_to,
        send_at: Timestamp::from_micros(send_at),
        created_at: Timestamp::from_micros(created_at),
        timer: TimerId::from_uuid(timer),
        state,
        is_held: is_held.unwrap_or(false),
    })
}
