//! What taking in a log needs beyond what a sequencer does.

use futures_util::future::try_join_all;
use petit_domain::{ChatId, Message, Timestamp, UserId};
use petit_ports::StoreError;
use uuid::Uuid;

use super::{
    BUCKET, index,
    rows::{NAMES, REVISED},
    state::{open_after, serial},
};
use crate::{
    engine::Engine,
    row::{unset, value},
    sequencer::{Known, Limits, Pack, hash},
};

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

/// Puts into the index of sent messages what is complete; the number of the last one.
pub(crate) async fn index(engine: &Engine, chat: ChatId, known: &Known) -> Result<i64, StoreError> {
    let Limits { pack, era, .. } = Limits::default();
    let mut sent = known.sent;
    while sent + pack <= known.head.seq {
        let (first, end) = (sent + 1, sent + 1 + pack);
        let values = (chat.uuid(), first / BUCKET, first, end);
        let rows = engine.rows::<(Uuid, String)>(&NAMES, values).await?;
        let names = rows.into_iter().map(|(author, client_id)| {
            Ok::<_, StoreError>(hash(UserId::from_uuid(author), &value(client_id)?))
        });
        let names = Pack { number: first / pack, names: names.collect::<Result<_, _>>()? };
        index::put(engine, chat, &names).await?;
        sent += pack;
        if (sent + 1) % era == 0 {
            index::merge(engine, chat, sent / era).await?;
        }
    }
    Ok(sent)
}
