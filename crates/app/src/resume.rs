//! Brings a client that was away from the numbers it knows to now.

use std::sync::Arc;

use petit_domain::{ChatId, Event, Head, Timestamp, UserId};
use petit_ports::{Announcement, ChangeKind, ChangeRecord, PageAt};

use crate::{
    App, AppError, access,
    changes::{Touched, members_now},
};

/// More than this is fetched by the client, page by page, instead of being replayed.
const MOST_MESSAGES: i64 = 500;
const MOST_CHANGES: i64 = 500;

/// Every chat the person is in, with its newest numbers.
pub async fn heads(app: &App, user: UserId) -> Result<Vec<(ChatId, Head)>, AppError> {
    Ok(app.store().chats.heads_for(user).await?)
}

/// Events that bring a client from `from` to now, oldest first: new messages, then what else changed, as
/// it is now. `None`: too much, or not a member any more; the client fetches.
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
    if head.seq - from.seq > MOST_MESSAGES || head.cseq - from.cseq > MOST_CHANGES {
        return Ok(None);
    }
    let mut events = missed_messages(app, chat, from, head).await?;
    let Some(changes) = missed_changes(app, chat, from, head).await? else { return Ok(None) };
    events.extend(changes);
    Ok(Some(events.into_iter().map(Announcement::new).collect()))
}

async fn missed_messages(app: &App, chat: ChatId, from: Head, head: Head) -> Result<Vec<Event>, AppError> {
    if head.seq <= from.seq {
        return Ok(Vec::new());
    }
    let messages = app.store().log.page(chat, PageAt::After(from.seq), MOST_MESSAGES as usize).await?;
    let event = |message: petit_domain::Message| {
        let (seq, cseq) = (message.seq, message.cseq);
        Event::MessageCreated { chat, seq, cseq, message }
    };
    Ok(messages.into_iter().map(event).collect())
}

/// One event for each thing that changed, numbered with its newest change.
async fn missed_changes(
    app: &App,
    chat: ChatId,
    from: Head,
    head: Head,
) -> Result<Option<Vec<Event>>, AppError> {
    if head.cseq <= from.cseq {
        return Ok(Some(Vec::new()));
    }
    let changes = app.store().log.changes_after(chat, from.cseq, MOST_CHANGES as usize).await?;
    if changes.first().is_none_or(|first| first.cseq != from.cseq + 1) {
        return Ok(None);
    }
    let mut events = Vec::new();
    let touched = Touched::by(&changes);
    for seq in &touched.messages {
        let Some(message) = app.store().log.get(chat, *seq).await? else { continue };
        let cseq = newest(
            &changes,
            |kind| matches!(kind, ChangeKind::MessageEdited(at) | ChangeKind::MessageDeleted(at) if at == *seq),
        );
        events.push((cseq, revision(chat, cseq, message)));
    }
    events.extend(member_events(app, chat, head, &changes, &touched).await?);
    if touched.renamed {
        let cseq = newest(&changes, |kind| kind == ChangeKind::ChatRenamed);
        let record = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?;
        let name = record.name.map(String::from).unwrap_or_default();
        events.push((cseq, Event::ChatRenamed { chat, seq: head.seq, cseq, name }));
    }
    events.sort_by_key(|(cseq, _)| *cseq);
    Ok(Some(events.into_iter().map(|(_, event)| event).collect()))
}

fn revision(chat: ChatId, cseq: i64, message: petit_domain::Message) -> Event {
    let seq = message.seq;
    match message.deleted {
        true => Event::MessageDeleted { chat, seq, cseq, message },
        false => Event::MessageEdited { chat, seq, cseq, message },
    }
}

async fn member_events(
    app: &App,
    chat: ChatId,
    head: Head,
    changes: &[ChangeRecord],
    touched: &Touched,
) -> Result<Vec<(i64, Event)>, AppError> {
    if touched.users.is_empty() {
        return Ok(Vec::new());
    }
    let member_count = app.store().chats.get(chat).await?.map_or(0, |record| record.member_count);
    let about = |user: UserId| {
        newest(
            changes,
            |kind| matches!(kind, ChangeKind::MemberChanged(of) | ChangeKind::MemberRemoved(of) if of == user),
        )
    };
    let (here, gone) = members_now(app, chat, touched).await?;
    let seq = head.seq;
    let changed = here.into_iter().map(|member| {
        let cseq = about(member.person.id);
        (cseq, Event::MemberChanged { chat, seq, cseq, member, member_count })
    });
    let removed = gone.into_iter().map(|user| {
        let cseq = about(user);
        (cseq, Event::MemberRemoved { chat, seq, cseq, user, member_count })
    });
    Ok(changed.chain(removed).collect())
}

fn newest(changes: &[ChangeRecord], is: impl Fn(ChangeKind) -> bool) -> i64 {
    changes.iter().rev().find(|change| is(change.kind)).map_or(-1, |change| change.cseq)
}

/// For every chat of the person in which something was written since `since`: the numbers as they were
/// then. For event streams, which know only when their last event was.
pub async fn cursors_since(
    app: &App,
    user: UserId,
    since: Timestamp,
) -> Result<Vec<(ChatId, Head)>, AppError> {
    let mut cursors = Vec::new();
    for (chat, head) in heads(app, user).await? {
        let then = head_at(app, chat, head, since).await?;
        if then != head {
            cursors.push((chat, then));
        }
    }
    Ok(cursors)
}

/// The numbers a chat had at a moment; a bound below them when that is too far back to count.
async fn head_at(app: &App, chat: ChatId, head: Head, since: Timestamp) -> Result<Head, AppError> {
    let floor = Head { seq: head.seq - MOST_MESSAGES - 1, cseq: head.cseq - MOST_CHANGES - 1 };
    let messages = app.store().log.page(chat, PageAt::Newest, MOST_MESSAGES as usize + 1).await?;
    let seq =
        messages.iter().find(|message| message.created_at > since).map_or(head.seq, |first| first.seq - 1);
    let changes = app.store().log.changes_after(chat, floor.cseq.max(-1), MOST_CHANGES as usize + 1).await?;
    let cseq = changes.iter().find(|change| change.at > since).map_or(head.cseq, |first| first.cseq - 1);
    Ok(Head { seq, cseq })
}
