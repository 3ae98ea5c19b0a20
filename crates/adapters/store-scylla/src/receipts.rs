//! How far people say that they have messages. Each number is a register whose write time is its value, so the highest one
//! stays in whatever order they come. Steps are written before the numbers: whoever repeats a raise that was cut off
//! between the two writes them again.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{ChatId, ReceiptState, Timestamp, UserId};
use petit_ports::{Reached, ReceiptStore, StoreError};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    row::{register, tiny},
    statement::Cql,
    store::ScyllaStore,
};

static TOLD: Cql =
    Cql::read("SELECT user_id, delivered, seen, read FROM receipts WHERE chat_id = ? AND user_id IN ?");
static MARKERS: Cql = Cql::read("SELECT user_id, seq FROM read_markers WHERE chat_id = ? AND user_id IN ?");
static DELIVERED: Cql =
    Cql::write("UPDATE receipts USING TIMESTAMP ? SET delivered = ? WHERE chat_id = ? AND user_id = ?");
static SEEN: Cql =
    Cql::write("UPDATE receipts USING TIMESTAMP ? SET seen = ? WHERE chat_id = ? AND user_id = ?");
static READ: Cql =
    Cql::write("UPDATE receipts USING TIMESTAMP ? SET read = ? WHERE chat_id = ? AND user_id = ?");
static STEP: Cql = Cql::write(
    "UPDATE receipt_steps SET below = ?, at = ? WHERE chat_id = ? AND user_id = ? AND state = ? AND seq = ?",
);
static PASSED: Cql = Cql::read(
    "SELECT below, at FROM receipt_steps WHERE chat_id = ? AND user_id = ? AND state = ? AND seq >= ? LIMIT 1",
);

/// Of how many people one request asks.
const TOGETHER: usize = 100;

type Found = (Uuid, Option<i64>, Option<i64>, Option<i64>);

#[async_trait]
impl ReceiptStore for ScyllaStore {
    async fn raise(
        &self,
        chat: ChatId,
        raises: &[(UserId, Reached)],
        at: Option<Timestamp>,
    ) -> Result<Vec<(UserId, Reached)>, StoreError> {
        let users: Vec<UserId> = raises.iter().map(|(user, _)| *user).collect();
        let mut now = told(&self.engine, chat, &users).await?;
        let (mut steps, mut numbers, mut risen) = (Vec::new(), Vec::new(), HashMap::new());
        for (user, to) in raises {
            let before = now.get(user).copied().unwrap_or(Reached::NOTHING);
            let after = before.max(to.whole());
            for state in ReceiptState::ALL.into_iter().filter(|state| after.of(*state) > before.of(*state)) {
                let (below, seq) = (before.of(state), after.of(state));
                steps.extend(at.map(|at| step(chat, *user, state, (below, seq), at)));
                numbers.push(number(chat, *user, state, seq));
                risen.insert(*user, after);
            }
            now.insert(*user, after);
        }
        self.engine.write_all(steps).await?;
        self.engine.write_all(numbers).await?;
        Ok(risen.into_iter().collect())
    }

    async fn reached(&self, chat: ChatId, users: &[UserId]) -> Result<Vec<Reached>, StoreError> {
        let (told, read) = tokio::join!(told(&self.engine, chat, users), markers(&self.engine, chat, users));
        let (told, read) = (told?, read?);
        let one = |user: &UserId| {
            let told = told.get(user).copied().unwrap_or(Reached::NOTHING);
            told.max(Reached { read: read.get(user).copied().unwrap_or(-1), ..Reached::NOTHING }).whole()
        };
        Ok(users.iter().map(one).collect())
    }

    async fn passed(
        &self,
        chat: ChatId,
        seq: i64,
        state: ReceiptState,
        users: &[UserId],
    ) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let asked = users.iter().map(|user| async move {
            let place = (chat.uuid(), user.uuid(), code(state), seq);
            let found = self.engine.row::<(Option<i64>, Option<i64>)>(&PASSED, place).await?;
            let at = found.and_then(|(below, at)| at.filter(|_| below.is_some_and(|below| below < seq)));
            Ok::<_, StoreError>(at.map(Timestamp::from_micros))
        });
        try_join_all(asked).await
    }
}

/// Codes as rows have them. They never change.
const fn code(state: ReceiptState) -> i8 {
    tiny(match state {
        ReceiptState::Delivered => 0,
        ReceiptState::Seen => 1,
        ReceiptState::Read => 2,
    })
}

fn number(chat: ChatId, user: UserId, state: ReceiptState, seq: i64) -> Bound {
    let cql = match state {
        ReceiptState::Delivered => &DELIVERED,
        ReceiptState::Seen => &SEEN,
        ReceiptState::Read => &READ,
    };
    Bound::new(cql, (register(seq), seq, chat.uuid(), user.uuid()))
}

fn step(chat: ChatId, user: UserId, state: ReceiptState, (below, seq): (i64, i64), at: Timestamp) -> Bound {
    Bound::new(&STEP, (below, at.micros(), chat.uuid(), user.uuid(), code(state), seq))
}

async fn told(
    engine: &Engine,
    chat: ChatId,
    users: &[UserId],
) -> Result<HashMap<UserId, Reached>, StoreError> {
    let rows = of_some(users, |ids| engine.rows::<Found>(&TOLD, (chat.uuid(), ids))).await?;
    let numbers = |(user, delivered, seen, read): Found| {
        let [delivered, seen, read] = [delivered, seen, read].map(|number| number.unwrap_or(-1));
        // Each number is written by itself: what follows from it is made up for here.
        (UserId::from_uuid(user), Reached { delivered, seen, read }.whole())
    };
    Ok(rows.into_iter().map(numbers).collect())
}

async fn markers(
    engine: &Engine,
    chat: ChatId,
    users: &[UserId],
) -> Result<HashMap<UserId, i64>, StoreError> {
    let rows = of_some(users, |ids| engine.rows::<(Uuid, Option<i64>)>(&MARKERS, (chat.uuid(), ids))).await?;
    Ok(rows.into_iter().map(|(user, seq)| (UserId::from_uuid(user), seq.unwrap_or(-1))).collect())
}

/// The rows of people, some of them in each request.
pub(crate) async fn of_some<R, F>(
    users: &[UserId],
    ask: impl Fn(Vec<Uuid>) -> F,
) -> Result<Vec<R>, StoreError>
where
    F: Future<Output = Result<Vec<R>, StoreError>>,
{
    let ids = users.chunks(TOGETHER).map(|some| some.iter().map(|user| user.uuid()).collect());
    Ok(try_join_all(ids.map(ask)).await?.into_iter().flatten().collect())
}
