//! Messages that are held for some seconds before they are sent, so that their author can take them back. They are
//! scheduled messages that are sent as if by hand, one after the other in each chat.

use petit_domain::{HoldSeconds, Message};
use petit_ports::{Scheduled, ScheduledState};
use petit_protocol::{ScheduledMessage, SendMessage, codes};

use super::{
    keep, new, put_timer, send_now, shown,
    waiting::{MOST, client_id_used},
};
use crate::{
    App, AppError,
    access::Membership,
    messages::{Draft, nothing_said},
    posting,
    sent::find_sent,
    shown as as_shown,
};

/// What became of a message that is to be held.
#[derive(Clone, Debug)]
pub enum Held {
    /// It is to be sent, or could not be.
    Waiting(ScheduledMessage),
    /// It was sent: its time was over when it was asked for again.
    Sent(Message),
}

/// Holds a message. The same `client_id` again answers the first one, as it is or as it was sent.
pub async fn hold(
    app: &App,
    by: &Membership,
    request: SendMessage,
    hold: HoldSeconds,
) -> Result<Held, AppError> {
    let SendMessage { text, client_id, reply_to, forward, .. } = request;
    if forward.is_some() {
        let detail = "What is forwarded is sent at once: leave hold_s out.";
        return Err(AppError::invalid(codes::FORWARD_NOT_HELD, detail, "/hold_s"));
    }
    let text = text.ok_or_else(nothing_said)?;
    let draft = Draft::text(text, client_id, reply_to, true);
    let new = new(app, by, draft, app.now().plus_seconds(hold.get()));
    if let Some(first) = app.store().scheduled.get(new.author, new.id).await? {
        return again(app, by, first).await;
    }
    if let Some(sent) = sent(app, by, &new).await? {
        return Ok(Held::Sent(sent));
    }
    posting::may_write(app, by).await?;
    if let Some(first) = keep(app, &new).await? {
        return again(app, by, first).await;
    }
    Ok(Held::Waiting(shown(new)))
}

async fn again(app: &App, by: &Membership, first: Scheduled) -> Result<Held, AppError> {
    if !first.is_held {
        return Err(client_id_used());
    }
    if first.state == ScheduledState::Sent {
        let sent = sent(app, by, &first).await?;
        return sent.map(Held::Sent).ok_or(AppError::Unavailable(None));
    }
    put_timer(app, &first, first.send_at).await?;
    Ok(Held::Waiting(shown(first)))
}

async fn sent(app: &App, by: &Membership, one: &Scheduled) -> Result<Option<Message>, AppError> {
    let found = find_sent(app, one.chat, one.author, &one.client_id).await?;
    let Some(message) = found else { return Ok(None) };
    Ok(Some(as_shown::message_to(app, by.user(), message).await?))
}

/// Sends what its author wrote before it in the same chat and is held too, where it has not been sent: after an
/// interruption all of it is due at once.
pub(super) async fn send_earlier(app: &App, held: &Scheduled) -> Result<(), AppError> {
    let list = app.store().scheduled.list(held.author, None, MOST).await?;
    let place = |one: &Scheduled| (one.send_at, one.created_at, one.id);
    let mut earlier: Vec<Scheduled> = list
        .into_iter()
        .filter(|one| one.is_held && one.chat == held.chat && place(one) < place(held))
        .collect();
    earlier.sort_by_key(place);
    for one in earlier {
        send_now(app, one.author, one.id, one.timer).await?;
    }
    Ok(())
}
