//! Messages: sending, reading, editing, deleting.

use petit_domain::{
    ChatId, ClientId, Edition, Forwarded, MemberRole, Message, MessagePlace, MessageText, Page, PageLimit,
};
use petit_ports::{NewMessage, PageAt, Revision, Why, Wish, Written};
use petit_protocol::{SendMessage, codes};
use serde::{Deserialize, Serialize};

use crate::{
    App, AppError, Caller,
    access::{self, Membership, Seen},
    cursor, forward,
    intents::{self, IntentKind},
    mentions, posting, rulings,
    scheduled::waiting::refuse_waiting,
    sent::{find_sent, odd},
    shown, work,
};

/// What somebody wants to say.
pub(crate) struct Draft {
    /// Empty only where something is forwarded.
    pub text: String,
    pub client_id: ClientId,
    pub reply_to: Option<i64>,
    /// Whether its author has read the chat up to it.
    pub marks_read: bool,
    /// A copy of the message that goes with it.
    pub forward: Option<Forwarded>,
}

impl Draft {
    pub(crate) fn text(
        text: MessageText,
        client_id: ClientId,
        reply_to: Option<i64>,
        marks_read: bool,
    ) -> Self {
        Self { text: text.into(), client_id, reply_to, marks_read, forward: None }
    }
}

/// Sends a message. Durable when this returns; the same client id again answers the first message. The client
/// id of a message that is to be sent later is refused.
pub async fn send(app: &App, by: &Membership, request: SendMessage) -> Result<Message, AppError> {
    let SendMessage { text, client_id, reply_to, forward, .. } = request;
    refuse_waiting(app, by, &client_id).await?;
    let message = match (text, forward) {
        (None, None) => return Err(nothing_said()),
        (Some(text), None) => write(app, by, Draft::text(text, client_id, reply_to, true)).await?,
        (text, Some(place)) => {
            let text = text.map_or_else(String::new, String::from);
            let draft = Draft { text, client_id, reply_to, marks_read: true, forward: None };
            forward_to(app, by, draft, place).await?
        }
    };
    Ok(shown::message_to(app, by.user(), message).await?)
}

pub(crate) fn nothing_said() -> AppError {
    AppError::invalid(codes::INVALID_BODY, "Write something, or forward a message.", "/text")
}

/// Sends a copy of a message. What was sent before is answered whatever became of the message since.
async fn forward_to(
    app: &App,
    by: &Membership,
    draft: Draft,
    place: MessagePlace,
) -> Result<Message, AppError> {
    match forward::source(app, by.user(), place).await.and_then(forward::copy_of) {
        Ok(copy) => write(app, by, Draft { forward: Some(copy), ..draft }).await,
        Err(error @ (AppError::Invalid { .. } | AppError::Conflict { .. })) => {
            find_sent(app, by.chat(), by.user(), &draft.client_id).await?.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// One message as it is now.
pub async fn get(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<Message, AppError> {
    let message = access::message(app, chat, seq, caller.user).await?.into_message();
    Ok(shown::message_to(app, caller.user, message).await?)
}

/// Writes a message, now or when its time has come.
pub(crate) async fn write(app: &App, by: &Membership, draft: Draft) -> Result<Message, AppError> {
    let Draft { text, client_id, reply_to, marks_read, forward } = draft;
    let mentions = mentions::resolve(app, by, &text).await?;
    let (place, forwarded) = (forward.as_ref().and_then(Forwarded::place), forward.map(Box::new));
    let mut by = *by;
    for _ in 0..LOOKS {
        if let Some(sent) = posting::admit(app, &mut by, &client_id).await? {
            return Ok(sent);
        }
        let (client_id, text) = (client_id.clone(), text.clone());
        let mut new = NewMessage::text(by.user(), client_id, text, app.now(), app.random().next_u64());
        new.parts.mentions.clone_from(&mentions);
        new.parts.forwarded.clone_from(&forwarded);
        let if_settings = Some(by.rules().cseq);
        let wish = Wish::Append(NewMessage { reply_to, marks_read, if_settings, place, ..new });
        match app.store().log_writer.write(by.chat(), wish).await? {
            Written::New(message) | Written::Repeated(message) => return Ok(message),
            Written::Refused(Why::Overtaken) => by = posting::look_again(app, by).await?,
            Written::Refused(Why::NoSuchReply) => return Err(unknown_reply()),
            Written::Refused(Why::NoSuchChat) => return Err(AppError::NotFound),
            other => return Err(odd(&other)),
        }
    }
    Err(AppError::Unavailable(None))
}

pub(crate) fn unknown_reply() -> AppError {
    AppError::invalid(codes::UNKNOWN_REPLY, "The message you answer does not exist.", "/reply_to")
}

/// In which direction a list of messages goes on.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Onward {
    Before(i64),
    After(i64),
}

/// A page of messages by rising number. `next` goes on in the same direction: to older ones, unless newer
/// ones were asked for.
pub async fn page(
    app: &App,
    by: &Membership,
    at: PageAt,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<Message>, AppError> {
    let list = format!("messages:{}", by.chat());
    let at = match cursor::read::<Onward>(app, &list, cursor)? {
        Some(Onward::Before(seq)) => PageAt::Before(seq),
        Some(Onward::After(seq)) => PageAt::After(seq),
        None => at,
    };
    let mut items = app.store().log.page(by.chat(), at, limit.get() + reserve(at)).await?;
    let onward = onward(at, &mut items, limit);
    shown::messages_to(app, by.chat(), by.user(), &mut items).await?;
    Ok(Page { items, next: onward.map(|onward| cursor::write(app, &list, &onward)) })
}

/// Upwards one more is read than is shown, to know whether a next page has anything. Downwards numbers
/// tell: they end at 0.
fn reserve(at: PageAt) -> usize {
    usize::from(matches!(at, PageAt::After(_)))
}

fn onward(at: PageAt, items: &mut Vec<Message>, limit: PageLimit) -> Option<Onward> {
    match at {
        PageAt::After(_) => {
            let has_more = items.len() > limit.get();
            items.truncate(limit.get());
            items.last().filter(|_| has_more).map(|last| Onward::After(last.seq))
        }
        PageAt::Newest | PageAt::Before(_) | PageAt::Around(_) => {
            items.first().filter(|first| first.seq > 0).map(|first| Onward::Before(first.seq))
        }
    }
}

/// Replaces the text of one's own message. The old one stays in its history.
pub async fn edit(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    seq: i64,
    text: MessageText,
) -> Result<Message, AppError> {
    let by = access::member(app, chat, caller.user).await?;
    posting::may_change(app, &by).await?;
    let mentions = mentions::resolve(app, &by, text.as_str()).await?;
    let may = |seen: &Seen| {
        access::known_in_all_parts(seen.message())?;
        if seen.message().author != caller.user {
            return Err(AppError::forbidden("Only its author may edit a message."));
        }
        let mut parts = seen.message().parts.clone();
        parts.mentions.clone_from(&mentions);
        Ok(Revision::Edit { text: text.as_str().to_owned(), parts })
    };
    revise(app, caller, chat, seq, may).await
}

/// Empties a message; its number stays as a stub. For its author, and for admins of the chat.
pub async fn delete(app: &App, caller: &Caller, chat: ChatId, seq: i64) -> Result<Message, AppError> {
    let may = |seen: &Seen| {
        if seen.message().author != caller.user {
            seen.by().at_least(MemberRole::Admin)?;
        }
        Ok(Revision::Delete)
    };
    let before = access::message(app, chat, seq, caller.user).await?.into_message();
    let has = [
        (!before.reactions.is_empty(), IntentKind::TellReactions { chat, seq }),
        (before.pinned, IntentKind::TellPin { chat, seq }),
    ];
    // What was made of it goes after the message: whoever dies in between is made up for.
    let mut noted = Vec::new();
    for (_, kind) in has.into_iter().filter(|(is_there, _)| *is_there) {
        noted.push(intents::noted(app, caller.user, kind).await?);
    }
    let deleted = revise(app, caller, chat, seq, may).await;
    for work in &noted {
        work::finish(app, work).await?;
    }
    deleted
}

/// How often a message is looked at again because somebody else revised it meanwhile.
const LOOKS: u32 = 8;

/// Revises the version of a message that was seen. Of several who revise it at once the last one wins, as long as
/// all of them are waiting; what comes later, when nobody waits any more, is refused by the log.
async fn revise(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    seq: i64,
    may: impl Fn(&Seen) -> Result<Revision, AppError>,
) -> Result<Message, AppError> {
    for _ in 0..LOOKS {
        let seen = access::message(app, chat, seq, caller.user).await?;
        access::written_by_a_person(seen.message())?;
        let (if_cseq, revision) = (Some(seen.message().cseq), may(&seen)?);
        let wish = Wish::Revise { seq, if_cseq, revision, actor: caller.user, at: app.now() };
        match app.store().log_writer.write(chat, wish).await? {
            Written::Revised(message) => {
                rulings::follow_now_and_then(app.store(), &message).await;
                return Ok(shown::message_to(app, caller.user, message).await?);
            }
            Written::AlreadySo(message) => {
                return Ok(shown::message_to(app, caller.user, message).await?);
            }
            Written::Refused(Why::Overtaken) => {}
            Written::Refused(Why::Deleted) => return Err(AppError::message_deleted()),
            Written::Refused(Why::NoSuchMessage | Why::NoSuchChat) => return Err(AppError::NotFound),
            other => return Err(odd(&other)),
        }
    }
    Err(AppError::Unavailable(None))
}

/// Earlier texts of a message, newest first.
pub async fn history(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    seq: i64,
    limit: PageLimit,
) -> Result<Vec<Edition>, AppError> {
    access::message(app, chat, seq, caller.user).await?;
    Ok(app.store().log.history(chat, seq, limit.get()).await?)
}
