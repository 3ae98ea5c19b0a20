//! Messages that are held for some seconds before they are sent, so that their author can take them back. They are
//! scheduled messages that are sent as if by hand, one after the other in each chat.

use std::{sync::Arc, time::Duration};

use petit_domain::{HoldSeconds, LONGEST_HOLD_S, Message, TimerId};
use petit_ports::{Scheduled, ScheduledState};
use petit_protocol::{ScheduledMessage, SendMessage};

use super::{
    due, keep, put_timer, send_now, shown, timer,
    waiting::{client_id_used, id_of},
};
use crate::{App, AppError, access::Membership, posting, sent::find_sent, shown as as_shown};

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
    app: &Arc<App>,
    by: &Membership,
    request: SendMessage,
    hold: HoldSeconds,
) -> Result<Held, AppError> {
    let now = app.now();
    let new = Scheduled {
        id: id_of(by.user(), by.chat(), &request.client_id),
        author: by.user(),
        chat: by.chat(),
        text: request.text.into(),
        client_id: request.client_id,
        reply_to: request.reply_to,
        send_at: now.plus_seconds(hold.get()),
        created_at: now,
        timer: TimerId::mint(now, app.random().next_u64()),
        state: ScheduledState::Waiting,
        is_held: true,
    };
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
    in_time(app, &new);
    Ok(Held::Waiting(shown(new)))
}

async fn again(app: &Arc<App>, by: &Membership, first: Scheduled) -> Result<Held, AppError> {
    if !first.is_held {
        return Err(client_id_used());
    }
    if first.state == ScheduledState::Sent {
        let sent = sent(app, by, &first).await?;
        return sent.map(Held::Sent).ok_or(AppError::Unavailable(None));
    }
    put_timer(app, &first, first.send_at).await?;
    in_time(app, &first);
    Ok(Held::Waiting(shown(first)))
}

async fn sent(app: &App, by: &Membership, one: &Scheduled) -> Result<Option<Message>, AppError> {
    let found = find_sent(app, one.chat, one.author, &one.client_id).await?;
    let Some(message) = found else { return Ok(None) };
    Ok(Some(as_shown::message_to(app.store(), by.user(), message).await?))
}

/// Where several workers look for timers, each looks once a second: this process does not wait for that. If it ends
/// meanwhile, the timer is there.
pub(super) fn in_time(app: &Arc<App>, kept: &Scheduled) {
    let (now, timer) = (app.now(), timer(kept, kept.send_at));
    if !kept.is_held || app.timers().has_one_worker() || kept.send_at > now.plus_seconds(LONGEST_HOLD_S) {
        return;
    }
    let wait = Duration::from_micros(u64::try_from(kept.send_at.micros() - now.micros()).unwrap_or(0));
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        let Some(app) = app.upgrade().filter(|app| app.now() >= timer.due) else { return };
        let done = match due(&app, &timer).await {
            Ok(()) => app.store().timers.done(&timer).await.map_err(AppError::from),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::debug!(%error, timer.id = %timer.id, "a worker sends what was held here");
        }
    });
}

/// Sends what its author wrote before it in the same chat and is held too, where it has not been sent: after an
/// interruption all of it is due at once.
pub(super) async fn send_earlier(app: &App, held: &Scheduled) -> Result<(), AppError> {
    let list = app.store().scheduled.list(held.author, None, super::waiting::MOST).await?;
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
