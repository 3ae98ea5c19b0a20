//! What a member chooses about a chat for themselves: when to be told of it, where it stands in their list.

use petit_domain::{CalledUnread, Choice, Choices, Event, UserId};
use petit_ports::{Announcement, Change, ChatView, StoreError, Subject};
use petit_protocol::{UpdateChoices, codes};

use crate::{App, AppError, access::Membership, mentions};

/// Makes some choices; those that are not named stay. Answers all of them. Again changes nothing and tells nobody.
pub async fn choose(app: &App, by: &Membership, request: &UpdateChoices) -> Result<Choices, AppError> {
    let choices = wanted(app, by, request).await?;
    let (_, change) = app.store().choices.choose(by.user(), by.chat(), &choices, app.now()).await?;
    let view = app.store().chats.find_for(by.user(), by.chat()).await?.ok_or(AppError::NotFound)?;
    let me = as_shown(&view);
    if change == Change::Done {
        announce(app, by.user(), view).await?;
    }
    Ok(me)
}

/// The chat was read, though the marker did not move: it is not called unread any more.
pub(crate) async fn read_again(app: &App, by: &Membership, marker: i64) -> Result<(), AppError> {
    let (chat, user) = (by.chat(), by.user());
    if app.store().choices.get(user, chat).await?.unread_above(marker) == marker {
        return Ok(());
    }
    app.store().choices.choose(user, chat, &[Choice::Unread(None)], app.now()).await?;
    let view = app.store().chats.find_for(user, chat).await?.ok_or(AppError::NotFound)?;
    announce(app, user, view).await
}

/// What is left of a member's choices by now.
pub(crate) fn as_shown(view: &ChatView) -> Choices {
    view.choices.clone().as_of(view.chat.head.seq, view.marker)
}

async fn wanted(app: &App, by: &Membership, request: &UpdateChoices) -> Result<Vec<Choice>, AppError> {
    let mut choices = Vec::new();
    choices.extend(request.level.map(Choice::Level));
    choices.extend(request.muted_until.map(Choice::MutedUntil));
    choices.extend(request.favourite.map(Choice::Favourite));
    choices.extend(request.section.clone().map(Choice::Section));
    if let Some(hidden) = request.hidden {
        choices.push(Choice::Hidden(hidden_seq(app, by, hidden, request.hidden_seq).await?));
    }
    if let Some(from) = request.unread_from {
        choices.push(Choice::Unread(called_unread(app, by, from, request.marked_seq).await?));
    }
    Ok(choices)
}

/// The newest message, or an earlier one that was the newest for whoever hid the chat.
async fn hidden_seq(
    app: &App,
    by: &Membership,
    hidden: bool,
    seen: Option<i64>,
) -> Result<Option<i64>, AppError> {
    if !hidden {
        return Ok(None);
    }
    let head = app.store().log.head(by.chat()).await?.ok_or(AppError::NotFound)?;
    Ok(Some(seen.map_or(head.seq, |seen| seen.min(head.seq))))
}

/// What is above the marker is unread without being called so. Whoever called it unread where the marker was lower has
/// read it since.
async fn called_unread(
    app: &App,
    by: &Membership,
    from: Option<i64>,
    seen: Option<i64>,
) -> Result<Option<CalledUnread>, AppError> {
    let Some(from) = from else { return Ok(None) };
    if from < 0 {
        return Err(AppError::invalid(
            codes::INVALID_SEQ,
            "A message's number is not negative.",
            "/unread_from",
        ));
    }
    let marker = app.store().read_markers.get(by.chat(), by.user()).await?;
    let marker = seen.map_or(marker, |seen| seen.min(marker));
    Ok((from <= marker).then_some(CalledUnread { from, marker }))
}

async fn announce(app: &App, user: UserId, view: ChatView) -> Result<(), AppError> {
    let (chat, read_seq, me) = (view.chat.id, view.marker, as_shown(&view));
    let (unread, counted) = (view.read.unread, Some(view.read.counted));
    let mentions = unread_mentions(app, user, view).await?;
    let event = Event::ChoicesChanged { chat, me, read_seq, unread, mentions, counted };
    app.publish(Subject::User(user), Announcement::new(event)).await;
    Ok(())
}

async fn unread_mentions(app: &App, user: UserId, view: ChatView) -> Result<i64, StoreError> {
    let counted = mentions::unread(app.store(), user, &[view]).await?;
    Ok(counted.first().copied().unwrap_or(0))
}
