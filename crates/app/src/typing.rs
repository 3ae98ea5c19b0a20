//! Somebody is writing: a hint that is never stored.

use petit_domain::Event;
use petit_ports::{Announcement, Subject};

use crate::{App, AppError, access::Membership};

/// In larger chats nobody is told.
const MOST_MEMBERS: i64 = 500;

/// Tells the others in the chat.
pub async fn announce(app: &App, by: &Membership) -> Result<(), AppError> {
    let record = app.store().chats.get(by.chat()).await?.ok_or(AppError::NotFound)?;
    if record.member_count <= MOST_MEMBERS {
        let event = Event::Typing { chat: by.chat(), user: by.user() };
        app.publish(Subject::Chat(by.chat()), Announcement::new(event)).await;
    }
    Ok(())
}
