//! Forwarding: a copy of a message goes with another one, and outlives it. Where it was is for those who may see it there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petit_domain::{ChatId, Forwarded, Message, MessagePlace, UserId};
use petit_ports::StoreError;
use petit_protocol::codes;

use crate::{
    App, AppError,
    access::{self, Seen},
};

/// A copy of a message, for whoever may see it. Of what forwards another one itself it is a copy of that.
pub(crate) fn copy_of(seen: Seen) -> Result<Forwarded, AppError> {
    access::written_by_a_person(seen.message())?;
    let Message { author, created_at, text, chat, seq, parts, .. } = seen.into_message();
    Ok(match parts.forwarded {
        Some(original) => *original,
        None => Forwarded::new(author, created_at, text, MessagePlace { chat, seq }),
    })
}

/// The message that somebody wants to forward.
pub(crate) async fn source(app: &App, user: UserId, place: MessagePlace) -> Result<Seen, AppError> {
    match access::message(app, place.chat, place.seq, user).await {
        Ok(seen) if !seen.message().deleted => Ok(seen),
        Ok(_) | Err(AppError::NotFound) => {
            let detail = "There is no such message, or it is not for you to see.";
            Err(AppError::invalid(codes::UNKNOWN_SOURCE, detail, "/forward"))
        }
        Err(error) => Err(error),
    }
}

/// Says of what these messages of a chat forward where it was, as far as this person may see it there now. Costs nothing
/// where nothing is forwarded.
pub(crate) async fn shown_to<'m>(
    app: &App,
    chat: ChatId,
    user: UserId,
    messages: impl IntoIterator<Item = &'m mut Message>,
) -> Result<(), StoreError> {
    let mut forwards: Vec<&mut Message> =
        messages.into_iter().filter(|message| message.parts.forwarded.is_some()).collect();
    if forwards.is_empty() {
        return Ok(());
    }
    look_up(app, chat, &mut forwards).await?;
    let places: BTreeSet<MessagePlace> =
        forwards.iter().filter_map(|message| message.parts.place()).collect();
    let seen = seen_by(app, user, &places).await?;
    for message in forwards {
        let may_see = message.parts.place().is_some_and(|place| seen.contains(&place));
        if let Some(forwarded) = &mut message.parts.forwarded {
            forwarded.shown(may_see);
        }
    }
    Ok(())
}

/// What another process wrote is told without the place: the store has it.
async fn look_up(app: &App, chat: ChatId, messages: &mut [&mut Message]) -> Result<(), StoreError> {
    let bare: Vec<i64> = messages
        .iter()
        .filter(|message| message.parts.place().is_none())
        .map(|message| message.seq)
        .collect();
    if bare.is_empty() {
        return Ok(());
    }
    let found = app.store().log.get_many(chat, &bare).await?;
    let places: HashMap<i64, Option<MessagePlace>> =
        found.iter().map(|message| (message.seq, message.parts.place())).collect();
    for message in messages {
        if message.parts.place().is_none() {
            message.parts.keep_place(places.get(&message.seq).copied().flatten());
        }
    }
    Ok(())
}

/// Those of the places in which the person may see a message now.
async fn seen_by(
    app: &App,
    user: UserId,
    places: &BTreeSet<MessagePlace>,
) -> Result<BTreeSet<MessagePlace>, StoreError> {
    let mut seqs: BTreeMap<ChatId, Vec<i64>> = BTreeMap::new();
    for place in places {
        seqs.entry(place.chat).or_default().push(place.seq);
    }
    let mut seen = BTreeSet::new();
    for (chat, seqs) in seqs {
        match access::member(app, chat, user).await {
            Ok(_) => {}
            Err(AppError::NotFound) => continue,
            Err(_) => return Err(StoreError::Unavailable(None)),
        }
        let there = app.store().log.get_many(chat, &seqs).await?;
        seen.extend(
            there
                .iter()
                .filter(|message| !message.deleted)
                .map(|message| MessagePlace { chat, seq: message.seq }),
        );
    }
    Ok(seen)
}
