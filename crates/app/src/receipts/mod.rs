//! Who has a message and who saw it: what people's clients say of that, and who is told.
//!
//! All of it is a hint beside read markers: written grouped and at a pace (`desk`), asked of nobody who sends. Who does not
//! want to be seen is left out at the moment somebody asks, and gets nothing of the others.

mod desk;
mod shown;

use futures_util::{StreamExt, TryStreamExt, stream};
use petit_domain::{Acked, ChatId, MemberRecord, PageLimit, ReceiptState, UserId};
use petit_ports::{Reached, StoreError};
use petit_protocol::{ChatReceipts, Viewer, Viewers};

pub(crate) use self::desk::Desk;
use self::shown::{People, veiled};
use crate::{
    App, AppError, Caller,
    access::{self, Membership},
    cursor,
};

/// In larger chats nobody is named: only how many they are is told.
pub const MOST_NAMED: i64 = 100;
/// In larger chats nothing is kept or told.
pub const MOST_COUNTED: i64 = 5_000;
/// Of how many chats a client may speak at once.
pub const MOST_CHATS: usize = 64;

/// How many memberships are asked for at once.
const AT_ONCE: usize = 8;
/// How many members are counted with one question.
const SLICE: usize = 500;

/// Takes in what a client says of chats. Those that the person is not in are passed over silently; numbers past a chat's
/// newest message count as that. Again changes nothing.
pub async fn ack(app: &App, user: UserId, chats: Vec<(ChatId, Acked)>) -> Result<(), AppError> {
    let taken = stream::iter(chats.into_iter().take(MOST_CHATS)).map(|(chat, acked)| async move {
        match access::member(app, chat, user).await {
            Ok(by) => noted(app, &by, acked),
            Err(AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    });
    taken.buffer_unordered(AT_ONCE).try_collect().await
}

fn noted(app: &App, by: &Membership, Acked { delivered, seen }: Acked) {
    app.receipts.note(by.chat(), by.user(), Reached { delivered, seen, read: -1 }, app.now());
}

/// Notes that somebody has read up to a message, so that others hear that they saw it.
pub(crate) fn read(app: &App, by: &Membership, seq: i64) {
    app.receipts.note(by.chat(), by.user(), Reached { read: seq, ..Reached::NOTHING }.whole(), app.now());
}

/// How far the members of a chat have its messages; nobody where there are too many.
pub async fn list(app: &App, by: &Membership) -> Result<ChatReceipts, AppError> {
    let store = app.store();
    let Some(people) = People::of(store, by.chat()).await? else {
        return Ok(ChatReceipts { receipts: Vec::new() });
    };
    let reached = store.receipts.reached(by.chat(), &people.ids()).await?;
    let members = people.members.iter().zip(reached);
    let receipts = members.map(|(member, reached)| people.receipt_for(by.user(), member, reached)).collect();
    Ok(ChatReceipts { receipts })
}

/// Who has a message, or saw or read it, by id; its author aside, and who came in after it.
pub async fn viewers(
    app: &App,
    caller: &Caller,
    (chat, seq): (ChatId, i64),
    state: ReceiptState,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Viewers, AppError> {
    let seen = access::message(app, chat, seq, caller.user).await?;
    let list = format!("viewers:{chat}:{seq}:{state:?}");
    let after: Option<UserId> = cursor::read(app, &list, cursor)?;
    let asked = Asked { chat, seq, state, author: seen.message().author, by: caller.user };
    let total = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?.member_count;
    let is_veiled = async { Ok::<_, StoreError>(!veiled(app.store(), &[asked.by]).await?.is_empty()) };
    if total > MOST_COUNTED || (state > ReceiptState::Delivered && is_veiled.await?) {
        return Ok(Viewers { items: Vec::new(), next: None, count: None });
    }
    match People::of(app.store(), chat).await? {
        Some(people) => named(app, &asked, &people, after, limit, &list).await,
        None => Ok(Viewers { items: Vec::new(), next: None, count: Some(counted(app, &asked).await?) }),
    }
}

/// Whose views of which message are asked for.
struct Asked {
    chat: ChatId,
    seq: i64,
    state: ReceiptState,
    author: UserId,
    by: UserId,
}

impl Asked {
    fn concerns(&self, member: &MemberRecord) -> bool {
        member.user != self.author && member.joined_seq < self.seq
    }
}

async fn named(
    app: &App,
    asked: &Asked,
    people: &People,
    after: Option<UserId>,
    limit: PageLimit,
    list: &str,
) -> Result<Viewers, AppError> {
    let reached = app.store().receipts.reached(asked.chat, &people.ids()).await?;
    let members = people.members.iter().zip(reached).filter(|(member, _)| asked.concerns(member));
    let all: Vec<(UserId, ReceiptState)> = members
        .filter_map(|(member, reached)| {
            Some((member.user, people.state(asked.by, member.user, reached, asked.seq)?))
        })
        .filter(|(_, state)| *state >= asked.state)
        .collect();
    let count = Some(all.len() as i64);
    let found: Vec<_> = all.into_iter().filter(|(user, _)| after.is_none_or(|after| *user > after)).collect();
    let (found, next) = cursor::page(app, list, found, limit.get(), |(user, _)| *user);
    let users: Vec<UserId> = found.iter().map(|(user, _)| *user).collect();
    let times = app.store().receipts.passed(asked.chat, asked.seq, asked.state, &users).await?;
    let items = found.into_iter().zip(times).map(|((user, state), at)| Viewer { user, state, at }).collect();
    Ok(Viewers { items, next, count })
}

/// How many they are in a chat where nobody is named.
async fn counted(app: &App, asked: &Asked) -> Result<i64, AppError> {
    let (store, mut after, mut count) = (app.store(), None, 0);
    loop {
        let members = store.members.list(asked.chat, after, SLICE).await?;
        let users: Vec<UserId> =
            members.iter().filter(|member| asked.concerns(member)).map(|member| member.user).collect();
        let reached = store.receipts.reached(asked.chat, &users).await?;
        let there =
            users.into_iter().zip(reached).filter(|(_, reached)| reached.of(asked.state) >= asked.seq);
        let there: Vec<UserId> = there.map(|(user, _)| user).collect();
        count += there.len() as i64;
        if asked.state > ReceiptState::Delivered {
            count -= veiled(store, &there).await?.len() as i64;
        }
        match members.last() {
            Some(last) if members.len() == SLICE => after = Some(last.user),
            _ => return Ok(count),
        }
    }
}
