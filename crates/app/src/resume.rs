//! Brings a client that was away from the numbers it knows to now.

use std::sync::Arc;

use petit_domain::{ChatId, Event, Head, Message, Timestamp, UserId};
use petit_ports::{Announcement, PageAt};

use crate::{
    App, AppError, access,
    fresh::{Numbered, created, fresh},
    shown,
};

/// More than this is fetched by the client, page by page, instead of being replayed.
const MOST_MESSAGES: usize = 500;
const MOST_CHANGES: usize = 500;

/// Every chat the person is in, with its newest numbers.
pub async fn heads(app: &App, user: UserId) -> Result<Vec<(ChatId, Head)>, AppError> {
    Ok(app.store().chats.heads_for(user).await?)
}

/// Events that bring a client from `from` to now, oldest first: new messages, then every other change by
/// its number, as things are now. `None`: too much, or not a member any more; the client fetches.
pub async fn replay(
    app: &App,
    user: UserId,
    chat: ChatId,
    from: Head,
) -> Result<Option<Vec<Arc<Announcement>>>, AppError> {
    match access::member_now(app, chat, user).await {
        Ok(_) => {}
        Err(AppError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    }
    let Some(head) = app.store().log.head(chat).await? else { return Ok(None) };
    let from = Head { seq: from.seq.max(-1), cseq: from.cseq.max(-1) };
    if !is_replayable(from, head) {
        return Ok(None);
    }
    let mut events = missed_messages(app, chat, from, head).await?;
    let Some(changes) = missed_changes(app, chat, from, head).await? else { return Ok(None) };
    events.extend(changes);
    shown::events_to(app.store(), chat, user, &mut events).await?;
    Ok(Some(events.into_iter().map(Announcement::new).collect()))
}

/// Whether little enough was missed. A client ahead of the log saw one that a restore took back.
fn is_replayable(from: Head, head: Head) -> bool {
    (0..=MOST_MESSAGES as i64).contains(&(head.seq - from.seq))
        && (0..=MOST_CHANGES as i64).contains(&(head.cseq - from.cseq))
}

async fn missed_messages(app: &App, chat: ChatId, from: Head, head: Head) -> Result<Vec<Event>, AppError> {
    if head.seq == from.seq {
        return Ok(Vec::new());
    }
    let messages = app.store().log.page(chat, PageAt::After(from.seq), MOST_MESSAGES).await?;
    Ok(messages.into_iter().map(created).collect())
}

/// One event for each number, so that the client sees no gap.
async fn missed_changes(
    app: &App,
    chat: ChatId,
    from: Head,
    head: Head,
) -> Result<Option<Vec<Event>>, AppError> {
    if head.cseq == from.cseq {
        return Ok(Some(Vec::new()));
    }
    let changes = app.store().log.changes_after(chat, from.cseq, MOST_CHANGES).await?;
    if changes.first().is_none_or(|first| first.cseq != from.cseq + 1) {
        return Ok(None);
    }
    let changes: Vec<_> = changes.iter().map(Numbered::from).collect();
    Ok(Some(fresh(app.store(), chat, &changes).await?))
}

/// For every chat of the person in which something happened since `since`: the numbers as they were
/// then. For event streams, which know only when their last event was.
pub async fn cursors_since(
    app: &App,
    user: UserId,
    since: Timestamp,
) -> Result<Vec<(ChatId, Head)>, AppError> {
    let mut cursors = Vec::new();
    for (chat, head) in heads(app, user).await? {
        let seq = seq_at(app, chat, head.seq, since).await?;
        let cseq = cseq_at(app, chat, head.cseq, since).await?;
        if (Head { seq, cseq }) != head {
            cursors.push((chat, Head { seq, cseq }));
        }
    }
    Ok(cursors)
}

/// The newest message's number at a moment; a number too far back to be replayed if there were many since.
async fn seq_at(app: &App, chat: ChatId, head: i64, since: Timestamp) -> Result<i64, AppError> {
    let is_new = |message: &Message| message.created_at > since;
    // Most chats are quiet: one look at the newest message is enough for them.
    if !app.store().log.get(chat, head).await?.is_some_and(|newest| is_new(&newest)) {
        return Ok(head);
    }
    let messages = app.store().log.page(chat, PageAt::Newest, MOST_MESSAGES + 1).await?;
    Ok(messages.iter().find(|message| is_new(message)).map_or(head, |first| first.seq - 1))
}

/// The same for the newest change.
async fn cseq_at(app: &App, chat: ChatId, head: i64, since: Timestamp) -> Result<i64, AppError> {
    let log = &app.store().log;
    if head < 0 || !log.changes_after(chat, head - 1, 1).await?.iter().any(|newest| newest.at > since) {
        return Ok(head);
    }
    let floor = (head - MOST_CHANGES as i64 - 1).max(-1);
    let changes = log.changes_after(chat, floor, MOST_CHANGES + 1).await?;
    Ok(changes.iter().find(|change| change.at > since).map_or(head, |first| first.cseq - 1))
}
