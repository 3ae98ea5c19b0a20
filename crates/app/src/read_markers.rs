//! How far the caller has read.

use petit_domain::Event;
use petit_ports::{Announcement, Subject, Unread};
use petit_protocol::{ReadMarker, codes};

use crate::{App, AppError, access::Membership, choices, receipts};

/// The caller's marker and how much came after it.
pub async fn get(app: &App, by: &Membership) -> Result<ReadMarker, AppError> {
    let unread = unread(app, by).await?;
    shown(app, by, unread).await
}

/// Raises the marker, at most to the newest message. It never falls. Read is read: whatever the number, the chat is not
/// called unread any more.
pub async fn mark(app: &App, by: &Membership, seq: i64) -> Result<ReadMarker, AppError> {
    if seq < 0 {
        return Err(AppError::invalid(codes::INVALID_SEQ, "A message's number is not negative.", "/seq"));
    }
    let head = app.store().log.head(by.chat()).await?.ok_or(AppError::NotFound)?;
    if head.seq < 0 {
        return get(app, by).await;
    }
    let marked = app.store().read_markers.mark(by.chat(), by.user(), seq.min(head.seq)).await?;
    let unread = unread(app, by).await?;
    let marker = shown(app, by, unread).await?;
    if marked.moved {
        let ReadMarker { seq, unread: count, mentions } = marker;
        let counted = Some(unread.counted);
        let event = Event::ReadMarkerMoved { chat: by.chat(), seq, unread: count, mentions, counted };
        app.publish(Subject::User(by.user()), Announcement::new(event)).await;
        receipts::read(app, by, marked.seq);
    } else {
        choices::read_again(app, by, marked.seq).await?;
    }
    Ok(marker)
}

async fn unread(app: &App, by: &Membership) -> Result<Unread, AppError> {
    app.store().read_markers.unread(by.chat(), by.user()).await?.ok_or(AppError::NotFound)
}

/// A marker with what came after it.
async fn shown(app: &App, by: &Membership, found: Unread) -> Result<ReadMarker, AppError> {
    let Unread { read_seq: seq, unread, .. } = found;
    let counted = match unread {
        0 => Vec::new(),
        _ => app.store().mentions.count(by.user(), &[(by.chat(), seq)]).await?,
    };
    let mentions = counted.first().copied().unwrap_or(0).min(unread);
    Ok(ReadMarker { seq, unread, mentions })
}
