//! Which messages of somebody wait: their `client_id` is refused to an ordinary message.

use std::{sync::Arc, time::Duration};

use petit_domain::{ChatId, ClientId, ScheduledId, UserId};
use petit_protocol::codes;
use sha2::{Digest, Sha256};

use crate::{App, AppError, access::Membership, memory::Memory};

/// The most that one person may have waiting.
pub(super) const MOST: usize = 500;
/// How long it is believed which messages of somebody wait. Changes made here are seen at once.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
const REMEMBERED: usize = 100_000;

/// The ids of what waits, for each author.
pub(crate) type Waiting = Memory<UserId, Arc<[ScheduledId]>>;

pub(crate) fn waiting() -> Waiting {
    Memory::new(BELIEVED_FOR, REMEMBERED)
}

/// Refuses the `client_id` of a message that waits. Reads nothing while it is known what waits.
pub(crate) async fn refuse_waiting(app: &App, by: &Membership, client_id: &ClientId) -> Result<(), AppError> {
    let waiting = match app.scheduled_waiting.get(&by.user()) {
        Some(waiting) => waiting,
        None => read_waiting(app, by.user()).await?,
    };
    if !waiting.is_empty() && waiting.contains(&id_of(by.user(), by.chat(), client_id)) {
        return Err(client_id_used());
    }
    Ok(())
}

async fn read_waiting(app: &App, author: UserId) -> Result<Arc<[ScheduledId]>, AppError> {
    let before = app.scheduled_waiting.before_reading();
    let found = app.store().scheduled.list(author, None, MOST).await?;
    let waiting: Arc<[ScheduledId]> = found.iter().map(|one| one.id).collect();
    app.scheduled_waiting.put(author, waiting.clone(), before);
    Ok(waiting)
}

pub(super) fn id_of(author: UserId, chat: ChatId, client_id: &ClientId) -> ScheduledId {
    let mut hash = Sha256::new();
    hash.update(author.uuid().as_bytes());
    hash.update(chat.uuid().as_bytes());
    hash.update(client_id.as_str());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    ScheduledId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

pub(super) fn client_id_used() -> AppError {
    AppError::conflict(codes::CLIENT_ID_USED, "Another message of yours in this chat has this client_id.")
}
