//! How far the caller has read.

use petit_domain::{Event, Head};
use petit_ports::{Announcement, Subject};
use petit_protocol::{ReadMarker, codes};

use crate::{App, AppError, access::Membership};

/// The caller's marker and how much came after it.
pub async fn get(app: &App, by: &Membership) -> Result<ReadMarker, AppError> {
    let seq = app.store().read_markers.get(by.chat(), by.user()).await?;
    let head = app.store().log.head(by.chat()).await?.ok_or(AppError::NotFound)?;
    shown(app, by, seq, head).await
}

/// Raises the marker, at most to the newest message. It never falls.
pub async fn mark(app: &App, by: &Membership, seq: i64) -> Result<ReadMarker, AppError> {
    if seq < 0 {
        return Err(AppError::invalid(codes::INVALID_SEQ, "A message's number is not negative.", "/seq"));
    }
    let head = app.store().log.head(by.chat()).await?.ok_or(AppError::NotFound)?;
    if head.seq < 0 {
        return get(app, by).await;
    }
    let marked = app.store().read_markers.mark(by.chat(), by.user(), seq.min(head.seq)).await?;
    let marker = shown(app, by, marked.seq, head).await?;
    if marked.moved {
        let ReadMarker { seq, unread, mentions } = marker;
        let event = Event::ReadMarkerMoved { chat: by.chat(), seq, unread, mentions };
        app.publish(Subject::User(by.user()), Announcement::new(event)).await;
    }
    Ok(marker)
}

/// A marker with what came after it.
async fn shown(app: &App, by: &Membership, seq: i64, head: Head) -> Result<ReadMarker, AppError> {
    let unread = (head.seq - seq).max(0);
    let counted = match unread {
        0 => Vec::new(),
        _ => app.store().mentions.count(by.user(), &[(by.chat(), seq)]).await?,
    };
    Ok(ReadMarker { seq, unread, mentions: counted.first().copied().unwrap_or(0) })
}
