//! How far the caller has read.

use petit_domain::Event;
use petit_ports::{Announcement, Subject};
use petit_protocol::{ReadMarker, codes};

use crate::{App, AppError, access::Membership};

/// The caller's marker and how much came after it.
pub async fn get(app: &App, by: &Membership) -> Result<ReadMarker, AppError> {
    let seq = app.store().read_markers.get(by.chat(), by.user()).await?;
    let head = app.store().log.head(by.chat()).await?.ok_or(AppError::NotFound)?;
    Ok(ReadMarker { seq, unread: (head.seq - seq).max(0) })
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
    let marker = ReadMarker { seq: marked.seq, unread: (head.seq - marked.seq).max(0) };
    if marked.moved {
        let event = Event::ReadMarkerMoved { chat: by.chat(), seq: marker.seq, unread: marker.unread };
        app.publish(Subject::User(by.user()), Announcement::new(event)).await;
    }
    Ok(marker)
}
