//! What changed in a chat beside new messages, as it is now.

use petit_domain::PageLimit;
use petit_protocol::Changes;

use crate::{
    App, AppError,
    access::Membership,
    fresh::{Numbered, fresh},
    shown,
};

/// One event for each change after number `after`, up to a page of them. Where the log no longer has the
/// oldest of them, the first event's number says so by its jump.
pub async fn after(app: &App, by: &Membership, after: i64, limit: PageLimit) -> Result<Changes, AppError> {
    let chat = by.chat();
    // The head first: what comes meanwhile is not taken for lost.
    let head = app.store().log.head(chat).await?.ok_or(AppError::NotFound)?.cseq;
    let changes = app.store().log.changes_after(chat, after, limit.get()).await?;
    let changes: Vec<_> = changes.iter().map(Numbered::from).collect();
    // Of none that is left, there is nothing to tell up to the head.
    let up_to_cseq = changes.last().map_or(head.max(-1), |last| last.cseq);
    let mut events = fresh(app.store(), chat, &changes).await?;
    shown::events_to(app.store(), chat, by.user(), &mut events).await?;
    Ok(Changes { events, up_to_cseq, head_cseq: head.max(up_to_cseq) })
}
