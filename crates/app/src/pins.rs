//! Pins: messages that a chat keeps in sight.
//!
//! What is pinned is the truth and is written first; the message follows it as a numbered change, as it follows its
//! reactions. That is work in two steps: whoever dies in between is made up for.

use std::collections::HashMap;

use petit_domain::{ChatId, MOST_PINS, Message, Page, PageLimit, Timestamp};
use petit_ports::{Change, Pin, Pinned, Store, StoreError};
use petit_protocol::{PinItem, codes};

use crate::{
    App, AppError, Caller,
    access::{self, Membership, Seen},
    cursor,
    intents::{self, IntentKind, Known},
    posting,
    sets::Set,
    shown,
};

/// The message, for whoever may pin it and take its pin away: everybody who may write in its chat.
async fn may_pin(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<Seen, AppError> {
    let seen = access::message(app, chat, seq, caller.user).await?;
    posting::may_write(app, seen.by()).await?;
    match seen.message().kind.counts() {
        true => Ok(seen),
        false => Err(AppError::conflict(codes::NOT_A_TEXT, "The timeline's own entries cannot be pinned.")),
    }
}

/// Pins a message. Again changes nothing, whoever did it first.
pub async fn add(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<Message, AppError> {
    let message = may_pin(app, caller, chat, seq).await?.into_message();
    if message.deleted {
        return Err(AppError::message_deleted());
    }
    let pins = &app.store().pins;
    if message.pinned && pins.is_pinned(chat, seq).await? {
        return Ok(shown::message_to(app, caller.user, message).await?);
    }
    let pin = Pin { seq, by: caller.user, at: app.now() };
    let noted = intents::noted(app, caller.user, IntentKind::TellPin { chat, seq }).await?;
    let mut pinned = pins.add(chat, &pin).await?;
    if pinned == Pinned::TooMany && tidied(app.store(), chat).await? {
        pinned = pins.add(chat, &pin).await?;
    }
    if pinned == Pinned::TooMany {
        app.store().intents.done(noted.id()).await?;
        let detail = format!("At most {MOST_PINS} messages of a chat are pinned at once.");
        return Err(AppError::invalid(codes::TOO_MANY_PINS, detail, "seq"));
    }
    follow(app, &noted, chat, seq).await?.ok_or_else(AppError::message_deleted)
}

/// Takes a pin away, whoever pinned the message. Again changes nothing.
pub async fn remove(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<Message, AppError> {
    let message = may_pin(app, caller, chat, seq).await?.into_message();
    let pins = &app.store().pins;
    if message.deleted || (!message.pinned && !pins.is_pinned(chat, seq).await?) {
        return Ok(shown::message_to(app, caller.user, message).await?);
    }
    let noted = intents::noted(app, caller.user, IntentKind::TellPin { chat, seq }).await?;
    pins.remove(chat, seq).await?;
    match follow(app, &noted, chat, seq).await? {
        Some(told) => Ok(told),
        None => Ok(access::message(app, chat, seq, caller.user).await?.into_message()),
    }
}

/// Has the message follow, and forgets that it has to.
async fn follow(app: &App, noted: &Known, chat: ChatId, seq: i64) -> Result<Option<Message>, AppError> {
    let told = Set::Pin.tell(app.store(), (chat, seq), (noted.by(), app.now())).await?;
    app.store().intents.done(noted.id()).await?;
    match told {
        Some(message) => Ok(Some(shown::message_to(app, noted.by(), message).await?)),
        None => Ok(None),
    }
}

/// Takes away pins of deleted messages, such as an older version leaves behind. Whether there were any.
async fn tidied(store: &Store, chat: ChatId) -> Result<bool, StoreError> {
    let seqs: Vec<i64> = store.pins.list(chat).await?.iter().map(|pin| pin.seq).collect();
    let mut is_tidied = false;
    for gone in store.log.get_many(chat, &seqs).await?.iter().filter(|message| message.deleted) {
        is_tidied |= store.pins.remove(chat, gone.seq).await? == Change::Done;
    }
    Ok(is_tidied)
}

/// What is pinned in a chat, the newest pin first.
pub async fn list(
    app: &App,
    by: &Membership,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<PinItem>, AppError> {
    let (store, chat) = (app.store(), by.chat());
    let list = format!("pins:{chat}");
    let below: Option<(Timestamp, i64)> = cursor::read(app, &list, cursor)?;
    let mut found = store.pins.list(chat).await?;
    found.retain(|pin| below.is_none_or(|below| (pin.at, pin.seq) < below));
    let (pins, next) = cursor::page(app, &list, found, limit.get(), |pin| (pin.at, pin.seq));
    let seqs: Vec<i64> = pins.iter().map(|pin| pin.seq).collect();
    let mut messages = store.log.get_many(chat, &seqs).await?;
    messages.retain(|message| !message.deleted);
    shown::messages_to(app, chat, by.user(), &mut messages).await?;
    let mut messages: HashMap<i64, Message> =
        messages.into_iter().map(|message| (message.seq, message)).collect();
    let item = |Pin { seq, by, at }| messages.remove(&seq).map(|message| PinItem { message, by, at });
    Ok(Page { items: pins.into_iter().filter_map(item).collect(), next })
}
