//! What taking in a log needs beyond what a sequencer does.

use futures_util::future::try_join_all;
use petit_domain::{ChatId, Message, Timestamp};
use petit_ports::StoreError;

use super::{
    BUCKET,
    rows::REVISED,
    state::{open_after, serial},
};
use crate::{engine::Engine, row::unset, sequencer::Known};

/// The log, with a part that is not full.
pub(crate) async fn writable(engine: &Engine, chat: ChatId) -> Result<Option<Known>, StoreError> {
    let Some(known) = serial(engine, chat).await? else { return Ok(None) };
    if !known.is_sealed {
        return Ok(Some(known));
    }
    open_after(engine, chat, &known).await?;
    serial(engine, chat).await
}

/// What happened to messages after they were written, which new messages do not have.
pub(crate) async fn revisions(
    engine: &Engine,
    chat: ChatId,
    messages: &[&Message],
) -> Result<(), StoreError> {
    let revised = messages.iter().filter(|message| message.deleted || message.edited_at.is_some());
    let writes = revised.map(|message| {
        let edited_at = unset(message.edited_at.map(Timestamp::micros));
        let values = (edited_at, message.deleted, chat.uuid(), message.seq / BUCKET, message.seq);
        engine.applies(&REVISED, values)
    });
    try_join_all(writes).await.map(drop)
}
