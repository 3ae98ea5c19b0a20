//! Saved messages: what people keep for themselves to come back to. Nobody else hears of it, and no message says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petit_domain::{ChatId, Event, MOST_SAVED, Message, Page, PageLimit, Timestamp, UserId};
use petit_ports::{Announcement, Change, Saved, Saving, Subject};
use petit_protocol::{SavedItem, codes};

use crate::{App, AppError, Caller, access, cursor, shown};

/// Saves a message. Again changes nothing, and tells when it was saved.
pub async fn add(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<SavedItem, AppError> {
    let message = access::message(app, chat, seq, caller.user).await?.into_message();
    if message.deleted {
        return Err(AppError::NotFound);
    }
    if !message.kind.counts() {
        return Err(AppError::conflict(codes::NOT_A_TEXT, "The timeline's own entries cannot be saved."));
    }
    let saved = &app.store().saved;
    let new = Saved { chat, seq, at: app.now() };
    let mut outcome = saved.add(caller.user, &new).await?;
    if outcome == Saving::TooMany && tidied(app, caller.user).await? {
        outcome = saved.add(caller.user, &new).await?;
    }
    let at = match outcome {
        Saving::Done => {
            announce(app, caller.user, &new, true).await;
            new.at
        }
        Saving::AlreadySo(at) => at,
        Saving::TooMany => {
            let detail = format!("A person saves at most {MOST_SAVED} messages.");
            return Err(AppError::invalid(codes::TOO_MANY_SAVED, detail, "seq"));
        }
    };
    Ok(SavedItem { message: shown::message_to(app, caller.user, message).await?, at })
}

/// Takes a message out of what the caller saved. Again, and of what was never saved, changes nothing.
pub async fn remove(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<(), AppError> {
    access::member(app, chat, caller.user).await?;
    if app.store().saved.remove(caller.user, chat, seq).await? == Change::Done {
        announce(app, caller.user, &Saved { chat, seq, at: app.now() }, false).await;
    }
    Ok(())
}

async fn announce(app: &App, user: UserId, Saved { chat, seq, at }: &Saved, saved: bool) {
    let event = Event::SavedChanged { chat: *chat, seq: *seq, saved, at: *at };
    app.publish(Subject::User(user), Announcement::new(event)).await;
}

/// What the caller saved and may see now, the newest first. Deleted messages are left out, so a page may be short;
/// `next` says whether it goes on.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<SavedItem>, AppError> {
    let list = format!("saved:{}", caller.user);
    let below: Option<(Timestamp, ChatId, i64)> = cursor::read(app, &list, cursor)?;
    let mut found = app.store().saved.list(caller.user).await?;
    let own = own_chats(app, caller.user, &found).await?;
    found.retain(|one| own.contains(&one.chat) && below.is_none_or(|below| place(one) < below));
    let (saved, next) = cursor::page(app, &list, found, limit.get(), place);
    let mut messages = messages(app, caller.user, &saved).await?;
    let item =
        |one: Saved| messages.remove(&(one.chat, one.seq)).map(|message| SavedItem { message, at: one.at });
    Ok(Page { items: saved.into_iter().filter_map(item).collect(), next })
}

fn place(saved: &Saved) -> (Timestamp, ChatId, i64) {
    (saved.at, saved.chat, saved.seq)
}

/// Those of the chats that the person is in.
async fn own_chats(app: &App, user: UserId, saved: &[Saved]) -> Result<BTreeSet<ChatId>, AppError> {
    let mut own = BTreeSet::new();
    for chat in saved.iter().map(|one| one.chat).collect::<BTreeSet<_>>() {
        match access::member(app, chat, user).await {
            Ok(_) => drop(own.insert(chat)),
            Err(AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(own)
}

/// The messages as they are shown to the person, without deleted ones.
async fn messages(
    app: &App,
    user: UserId,
    saved: &[Saved],
) -> Result<HashMap<(ChatId, i64), Message>, AppError> {
    let mut seqs: BTreeMap<ChatId, Vec<i64>> = BTreeMap::new();
    for one in saved {
        seqs.entry(one.chat).or_default().push(one.seq);
    }
    let mut found = HashMap::new();
    for (chat, seqs) in seqs {
        let mut messages = app.store().log.get_many(chat, &seqs).await?;
        messages.retain(|message| !message.deleted);
        shown::messages_to(app, chat, user, &mut messages).await?;
        found.extend(messages.into_iter().map(|message| ((chat, message.seq), message)));
    }
    Ok(found)
}

/// Takes out what the person cannot see any more, and so could not take out themselves: deleted messages, and those of
/// chats they left. Whether there were any.
async fn tidied(app: &App, user: UserId) -> Result<bool, AppError> {
    let all = app.store().saved.list(user).await?;
    let own = own_chats(app, user, &all).await?;
    let seen: Vec<Saved> = all.iter().filter(|one| own.contains(&one.chat)).copied().collect();
    let there = messages(app, user, &seen).await?;
    let mut is_tidied = false;
    for gone in all.iter().filter(|one| !there.contains_key(&(one.chat, one.seq))) {
        is_tidied |= app.store().saved.remove(user, gone.chat, gone.seq).await? == Change::Done;
    }
    Ok(is_tidied)
}
