//! Messages that are sent later. A timer sends each by the way every message is sent, under the `client_id`
//! it was scheduled with, so that sending twice is sending once.
//!
//! A timer is put before its message is kept or changed: a message without one would never be sent, a timer
//! without its message does nothing. What decides is one swap in the store: whoever begins to send wins over
//! whoever cancels, or the other way round.

mod held;
pub(crate) mod waiting;

use petit_domain::{Event, MessageText, Page, PageLimit, ScheduledId, TimerId, Timestamp, UserId};
use petit_ports::{Announcement, Scheduled, ScheduledPosition, ScheduledState, Shard, Subject, Timer};
use petit_protocol::{ScheduleMessage, ScheduledMessage, ScheduledProgress, UpdateScheduled, codes};
use serde::{Deserialize, Serialize};

pub use held::{Held, hold};
use waiting::{MOST, client_id_used, id_of};

use crate::{
    App, AppError, Caller,
    access::{self, Membership},
    cursor,
    messages::{self, Draft},
    sent::find_sent,
    timers,
};

/// The kind of timers that send messages.
pub(crate) const TIMER: &str = "send_message";

const AHEAD_AT_MOST_S: i64 = 366 * 24 * 3600;
/// A timer so close may have fired before its message was kept: a second one follows it.
const CLOSE_S: i64 = 5;
/// A message that still waits so long after its time has lost its timer, and gets another one.
const OVERDUE_S: i64 = 120;
/// How often a swap is tried against others.
const TRIES: usize = 8;

/// What a timer knows of its message.
#[derive(Serialize, Deserialize)]
struct Sends {
    author: UserId,
    id: ScheduledId,
}

/// Keeps a message until its time. The same `client_id` with the same body answers the first one.
pub async fn schedule(
    app: &App,
    by: &Membership,
    request: ScheduleMessage,
) -> Result<ScheduledMessage, AppError> {
    let ScheduleMessage { text, client_id, reply_to, send_at } = request;
    let new = new(app, by, Draft::text(text, client_id, reply_to, false), send_at);
    if let Some(first) = app.store().scheduled.get(new.author, new.id).await? {
        return repeated(app, &new, first).await;
    }
    check_time(new.created_at, new.send_at)?;
    if find_sent(app, new.chat, new.author, &new.client_id).await?.is_some() {
        return Err(client_id_used());
    }
    if let Some(first) = keep(app, &new).await? {
        return repeated(app, &new, first).await;
    }
    Ok(shown(new))
}

/// A message that nobody keeps yet. What marks its author's chat as read is only held for a moment.
fn new(app: &App, by: &Membership, draft: Draft, send_at: Timestamp) -> Scheduled {
    let (now, Draft { text, client_id, reply_to, marks_read, .. }) = (app.now(), draft);
    Scheduled {
        id: id_of(by.user(), by.chat(), &client_id),
        author: by.user(),
        chat: by.chat(),
        text,
        client_id,
        reply_to,
        send_at,
        created_at: now,
        timer: TimerId::mint(now, app.random().next_u64()),
        state: ScheduledState::Waiting,
        is_held: marks_read,
    }
}

/// Keeps a message that is not there; answers the one that is.
async fn keep(app: &App, new: &Scheduled) -> Result<Option<Scheduled>, AppError> {
    check_new(app, new).await?;
    put_timer(app, new, new.send_at).await?;
    if let Some(first) = app.store().scheduled.put(new).await? {
        return Ok(Some(first));
    }
    has_changed(app, new.author).await;
    follow_up(app, new).await?;
    Ok(None)
}

/// The caller's messages that are not sent yet, soonest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<ScheduledMessage>, AppError> {
    let list = format!("scheduled:{}", caller.user);
    let after: Option<ScheduledPosition> = cursor::read(app, &list, cursor)?;
    let found = app.store().scheduled.list(caller.user, after.as_ref(), limit.get() + 1).await?;
    let overdue = app.now().plus_seconds(-OVERDUE_S);
    for lost in found.iter().filter(|one| one.state == ScheduledState::Waiting && one.send_at < overdue) {
        put_timer(app, lost, app.now()).await?;
    }
    let page = cursor::page(app, &list, found, limit.get(), |one| (one.send_at, one.id));
    Ok(cursor::mapped(page, shown))
}

/// Changes the text or the time of a message that has not been sent. One that failed gets another try.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: ScheduledId,
    request: UpdateScheduled,
) -> Result<ScheduledMessage, AppError> {
    for _ in 0..TRIES {
        let before = still_there(app, caller.user, id).await?;
        let after = changed(app, &before, &request)?;
        put_timer(app, &after, after.send_at).await?;
        if app.store().scheduled.swap(&before, Some(&after)).await? {
            has_changed(app, caller.user).await;
            follow_up(app, &after).await?;
            return Ok(shown(after));
        }
    }
    Err(AppError::Unavailable(None))
}

/// Cancels a message. Once this is answered it is never sent.
pub async fn cancel(app: &App, caller: &Caller, id: ScheduledId) -> Result<(), AppError> {
    for _ in 0..TRIES {
        let before = still_there(app, caller.user, id).await?;
        if app.store().scheduled.swap(&before, None).await? {
            has_changed(app, caller.user).await;
            if let Err(error) = app.store().timers.done(&timer(&before, before.send_at)).await {
                tracing::warn!(%error, "the timer of a message that was cancelled will find nothing");
            }
            return Ok(());
        }
    }
    Err(AppError::Unavailable(None))
}

/// Forgets what was remembered of an author's messages, and tells their devices that they changed.
async fn has_changed(app: &App, author: UserId) {
    app.scheduled_waiting.forget(&author);
    app.publish(Subject::User(author), Announcement::new(Event::ScheduledChanged)).await;
}

/// The time of a message has come.
pub(crate) async fn due(app: &App, timer: &Timer) -> Result<(), AppError> {
    let Ok(Sends { author, id }) = serde_json::from_value(timer.body.clone()) else {
        return Err(AppError::Internal(format!("timer {} names no message", timer.id).into()));
    };
    let found = app.store().scheduled.get(author, id).await?.filter(|one| one.timer == timer.id);
    let Some(found) = found else { return Ok(()) };
    if found.is_held && found.state == ScheduledState::Waiting {
        held::send_earlier(app, &found).await?;
    }
    send_now(app, author, id, timer.id).await
}

/// Sends a message that still has this timer, unless it was sent or could not be.
async fn send_now(app: &App, author: UserId, id: ScheduledId, timer: TimerId) -> Result<(), AppError> {
    for _ in 0..TRIES {
        let found = app.store().scheduled.get(author, id).await?.filter(|one| one.timer == timer);
        let Some(found) = found else { return Ok(()) };
        match found.state {
            ScheduledState::Waiting => {
                let sending = Scheduled { state: ScheduledState::Sending, ..found.clone() };
                if app.store().scheduled.swap(&found, Some(&sending)).await? {
                    return send(app, sending, true).await;
                }
            }
            ScheduledState::Sending => return send(app, found, false).await,
            ScheduledState::Failed(_) | ScheduledState::Sent => return Ok(()),
        }
    }
    Err(AppError::Unavailable(None))
}

/// Sends a message that somebody has begun to send, and notes how it ended. An error means that it has not.
async fn send(app: &App, sending: Scheduled, is_first: bool) -> Result<(), AppError> {
    let state = match deliver(app, &sending, is_first).await {
        Ok(()) => ScheduledState::Sent,
        Err(error) if is_final(&error) => ScheduledState::Failed(error.code().to_owned()),
        Err(AppError::Slow { retry_after_s }) => return wait_for_turn(app, &sending, retry_after_s).await,
        Err(error) => return Err(error),
    };
    settle(app, &sending, state).await?;
    has_changed(app, sending.author).await;
    Ok(())
}

async fn deliver(app: &App, sending: &Scheduled, is_first: bool) -> Result<(), AppError> {
    let (author, chat, client_id) = (sending.author, sending.chat, &sending.client_id);
    // An earlier attempt may have written it before its author was removed.
    if !is_first && find_sent(app, chat, author, client_id).await?.is_some() {
        return Ok(());
    }
    let by = access::member_now(app, chat, author).await?;
    let text = MessageText::try_from(sending.text.clone())?;
    let draft = Draft::text(text, client_id.clone(), sending.reply_to, sending.is_held);
    let message = messages::write(app, &by, draft).await?;
    let is_another = message.text != sending.text && message.edited_at.is_none() && !message.deleted;
    if is_another { Err(client_id_used()) } else { Ok(()) }
}

/// It is not its author's turn in the chat: it waits once more, and may be cancelled meanwhile.
async fn wait_for_turn(app: &App, sending: &Scheduled, seconds: u32) -> Result<(), AppError> {
    put_timer(app, sending, app.now().plus_seconds(i64::from(seconds))).await?;
    let waiting = Scheduled { state: ScheduledState::Waiting, ..sending.clone() };
    app.store().scheduled.swap(sending, Some(&waiting)).await?;
    Ok(())
}

/// Whoever sent it knows better than whoever, at the same time, could not.
async fn settle(app: &App, sending: &Scheduled, state: ScheduledState) -> Result<(), AppError> {
    let text = if state == ScheduledState::Sent { String::new() } else { sending.text.clone() };
    let after = Scheduled { text, state, ..sending.clone() };
    let mut before = sending.clone();
    for _ in 0..TRIES {
        if app.store().scheduled.swap(&before, Some(&after)).await? {
            return Ok(());
        }
        match app.store().scheduled.get(sending.author, sending.id).await? {
            Some(now) if now.timer == sending.timer && now.state != ScheduledState::Sent => {
                if after.state != ScheduledState::Sent && now.state != ScheduledState::Sending {
                    return Ok(());
                }
                before = now;
            }
            _ => return Ok(()),
        }
    }
    Err(AppError::Unavailable(None))
}

/// Whether waiting cures nothing.
fn is_final(error: &AppError) -> bool {
    match error {
        AppError::NotFound
        | AppError::Forbidden { .. }
        | AppError::Invalid { .. }
        | AppError::Conflict { .. }
        | AppError::Unauthenticated => true,
        AppError::RateLimited { .. }
        | AppError::Slow { .. }
        | AppError::Unavailable(_)
        | AppError::StorageFull
        | AppError::Internal(_) => false,
    }
}

async fn still_there(app: &App, author: UserId, id: ScheduledId) -> Result<Scheduled, AppError> {
    let found = app.store().scheduled.get(author, id).await?.ok_or(AppError::NotFound)?;
    match found.state {
        ScheduledState::Waiting | ScheduledState::Failed(_) => Ok(found),
        ScheduledState::Sending | ScheduledState::Sent => {
            Err(AppError::conflict(codes::ALREADY_SENT, "The message was sent already."))
        }
    }
}

fn changed(app: &App, before: &Scheduled, request: &UpdateScheduled) -> Result<Scheduled, AppError> {
    let now = app.now();
    match request.send_at {
        Some(send_at) => check_time(now, send_at)?,
        None if before.state != ScheduledState::Waiting => return Err(bad_time("Say when to try again.")),
        None => {}
    }
    Ok(Scheduled {
        text: request.text.clone().map_or_else(|| before.text.clone(), String::from),
        send_at: request.send_at.unwrap_or(before.send_at),
        timer: TimerId::mint(now, app.random().next_u64()),
        state: ScheduledState::Waiting,
        is_held: before.is_held && request.send_at.is_none(),
        ..before.clone()
    })
}

async fn repeated(app: &App, new: &Scheduled, first: Scheduled) -> Result<ScheduledMessage, AppError> {
    let same = |one: &Scheduled| (one.text.clone(), one.reply_to, one.send_at);
    if first.state == ScheduledState::Sent || same(&first) != same(new) {
        return Err(client_id_used());
    }
    put_timer(app, &first, first.send_at).await?;
    Ok(shown(first))
}

/// What is checked once, before a message is kept; the rest is checked when it is sent.
async fn check_new(app: &App, new: &Scheduled) -> Result<(), AppError> {
    if let Some(reply) = new.reply_to {
        let head = app.store().log.head(new.chat).await?.ok_or(AppError::NotFound)?;
        if reply < 0 || reply > head.seq {
            return Err(messages::unknown_reply());
        }
    }
    if app.store().scheduled.list(new.author, None, MOST).await?.len() == MOST {
        let detail = "So many of your messages wait already; send or cancel some.";
        return Err(AppError::conflict(codes::TOO_MANY_SCHEDULED, detail));
    }
    Ok(())
}

fn check_time(now: Timestamp, send_at: Timestamp) -> Result<(), AppError> {
    if send_at <= now || send_at > now.plus_seconds(AHEAD_AT_MOST_S) {
        return Err(bad_time("The time to send a message is in the future, at most a year ahead."));
    }
    Ok(())
}

fn bad_time(detail: &str) -> AppError {
    AppError::invalid(codes::INVALID_SEND_AT, detail, "/send_at")
}

fn timer(of: &Scheduled, due: Timestamp) -> Timer {
    let body = serde_json::json!(Sends { author: of.author, id: of.id });
    Timer { id: of.timer, shard: Shard::about(of.chat.uuid()), due, kind: TIMER.to_owned(), body }
}

async fn put_timer(app: &App, of: &Scheduled, due: Timestamp) -> Result<(), AppError> {
    Ok(timers::put(app, &timer(of, due)).await?)
}

/// Where the time is so close that the timer may have come before its message, another one comes after it.
async fn follow_up(app: &App, kept: &Scheduled) -> Result<(), AppError> {
    if app.now().plus_seconds(CLOSE_S) < kept.send_at {
        return Ok(());
    }
    put_timer(app, kept, app.now().max(kept.send_at).plus_seconds(CLOSE_S)).await
}

fn shown(one: Scheduled) -> ScheduledMessage {
    let (state, reason) = match one.state {
        ScheduledState::Failed(reason) => (ScheduledProgress::Failed, Some(reason)),
        ScheduledState::Waiting | ScheduledState::Sending | ScheduledState::Sent => {
            (ScheduledProgress::Waiting, None)
        }
    };
    ScheduledMessage {
        id: one.id,
        chat: one.chat,
        text: one.text,
        client_id: one.client_id,
        send_at: one.send_at,
        reply_to: one.reply_to,
        state,
        reason,
        held: one.is_held,
    }
}
