//! Reactions: one emoji that a member puts on a message, or takes back.
//!
//! The set is written first and answered; what the message shows follows it as a numbered change, at once and then at most
//! every half second (`pace`). That is work in several steps: whoever dies in between is made up for.

mod pace;

use petit_domain::{ChatId, Chosen, Emoji, Event, Message, Page, PageLimit, Reactions, UserId};
use petit_ports::{Announcement, Reacted, ReactionRecord, Subject};
use petit_protocol::{ReactionItem, codes};

pub(crate) use self::pace::Paces;
use crate::{
    App, AppError, Caller,
    access::{self, Seen},
    cursor, forward, posting,
};

/// Reacts to a message. Again changes nothing. Answers the message with its reactions as their set has them now, which may
/// be newer than the message's version.
pub async fn add(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    seq: i64,
    emoji: &str,
) -> Result<Message, AppError> {
    let seen = access::message(app, chat, seq, caller.user).await?;
    let Chosen { emoji, shown } = Chosen::parse(emoji)?;
    posting::may_change(app, seen.by()).await?;
    may_have_reactions(seen.message())?;
    if seen.message().deleted {
        return Err(AppError::message_deleted());
    }
    let new = ReactionRecord { emoji: emoji.clone(), user: caller.user, at: app.now(), shown };
    toggle(app, seen, emoji, Some(new)).await
}

/// Takes a reaction back. Again changes nothing.
pub async fn remove(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    seq: i64,
    emoji: &str,
) -> Result<Message, AppError> {
    let seen = access::message(app, chat, seq, caller.user).await?;
    let Chosen { emoji, .. } = Chosen::parse(emoji)?;
    posting::may_change(app, seen.by()).await?;
    may_have_reactions(seen.message())?;
    if seen.message().deleted {
        return Ok(seen.into_message());
    }
    toggle(app, seen, emoji, None).await
}

/// What somebody wrote may have reactions, of whatever kind it is: also what only a newer version knows.
fn may_have_reactions(message: &Message) -> Result<(), AppError> {
    if message.kind.counts() {
        return Ok(());
    }
    Err(AppError::conflict(codes::NOT_A_TEXT, "The timeline's own entries have no reactions."))
}

/// Writes the set while it is noted that its message has to follow, tells the person's other devices, and waits for the
/// message where it follows at once.
async fn toggle(
    app: &App,
    seen: Seen,
    emoji: Emoji,
    new: Option<ReactionRecord>,
) -> Result<Message, AppError> {
    let user = seen.by().user();
    let before = seen.into_message();
    let (chat, seq, is_on) = (before.chat, before.seq, new.is_some());
    let turn = app.reactions.enter(app, chat, seq, user).await?;
    let done = match &new {
        Some(new) => app.store().reactions.add(chat, seq, new).await?,
        None => app.store().reactions.remove(chat, seq, user, &emoji).await?,
    };
    let (reactions, has_changed) = match done {
        Reacted::Done(reactions) => (reactions, true),
        Reacted::AlreadySo(reactions) => (reactions, false),
        Reacted::TooManyKinds => {
            let detail = format!("A message has at most {} kinds of reactions.", petit_domain::MOST_KINDS);
            return Err(AppError::invalid(codes::TOO_MANY_REACTIONS, detail, "emoji"));
        }
    };
    let answer = own_view(app, user, Message { reactions, ..before }, (&emoji, is_on)).await?;
    if has_changed {
        let event = Event::Reacted { chat, message: answer.clone() };
        app.publish(Subject::User(user), Announcement::new(event)).await;
    }
    // The version that shows it, where that is made at once.
    let mut answer = match turn.leave().await {
        Some(told) => own_view(app, user, told, (&emoji, is_on)).await?,
        None => answer,
    };
    forward::shown_to(app, chat, user, [&mut answer]).await?;
    Ok(answer)
}

/// A message as it is shown to somebody who has just toggled one reaction.
async fn own_view(
    app: &App,
    user: UserId,
    mut message: Message,
    (emoji, is_on): (&Emoji, bool),
) -> Result<Message, AppError> {
    let is_decided =
        |reactions: &Reactions| reactions.iter().all(|one| one.emoji == *emoji || one.is_by(user).is_some());
    let own = match is_decided(&message.reactions) {
        true => Vec::new(),
        false => app.store().reactions.own(message.chat, user, &[message.seq]).await?,
    };
    message.reactions.shown_to(user, |other| match other == emoji {
        true => is_on,
        false => own.iter().any(|(_, mine)| mine == other),
    });
    Ok(message)
}

/// Who reacted to a message, with this emoji or with any.
pub async fn list(
    app: &App,
    caller: &Caller,
    (chat, seq): (ChatId, i64),
    emoji: Option<&str>,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<ReactionItem>, AppError> {
    let seen = access::message(app, chat, seq, caller.user).await?;
    let emoji = emoji.map(Chosen::parse).transpose()?.map(|chosen| chosen.emoji);
    let list = format!("reactions:{chat}:{seq}:{}", emoji.as_ref().map_or("", Emoji::as_str));
    let after: Option<(Emoji, UserId)> = cursor::read(app, &list, cursor)?;
    if seen.message().deleted {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let after = after.as_ref().map(|(emoji, user)| (emoji, *user));
    let mut found = app.store().reactions.list(chat, seq, emoji.as_ref(), after, limit.get() + 1).await?;
    let has_more = found.len() > limit.get();
    found.truncate(limit.get());
    let last = found.last().filter(|_| has_more).map(|last| (last.emoji.clone(), last.user));
    let next = last.map(|last| cursor::write(app, &list, &last));
    Ok(Page { items: found.into_iter().map(item).collect(), next })
}

fn item(record: ReactionRecord) -> ReactionItem {
    let ReactionRecord { emoji, user, at, shown } = record;
    ReactionItem { emoji, user, at, shown }
}
