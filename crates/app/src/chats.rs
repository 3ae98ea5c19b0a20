//! Chats: making them, listing one's own by last activity, finding open ones, names.

use std::collections::HashMap;

use petit_domain::{
    Chat, ChatId, ChatKind, ChatName, ChatRecord, ChatSettings, Choices, Head, MemberRole, Message, Page,
    PageLimit, Person, SettingsChange, Timestamp, UserId, fold,
};
use petit_ports::{ChatPosition, ChatView, Claim, OFF_S, OpenPosition, Store, StoreError, active_at};
use petit_protocol::{CreateChat, UpdateChat, codes};
use sha2::{Digest, Sha256};

use crate::{
    App, AppError, Caller, access, choices, cursor,
    intents::IntentKind,
    mentions,
    rulings::{self, Wanted},
    work,
};

const MAX_FIRST_MEMBERS: usize = 100;

/// A chat as it is shown to a member.
pub(crate) async fn present(store: &Store, view: ChatView) -> Result<Chat, StoreError> {
    let peer = match peer(&view) {
        Some(peer) => store.people.get(peer).await?,
        None => None,
    };
    let views = [view];
    let mentions = mentions::unread(store, views[0].member.user, &views).await?;
    let [view] = views;
    Ok(shown(view, peer, mentions.first().copied().unwrap_or(0)))
}

/// Chats as they are shown to a member, in the same order.
async fn present_all(store: &Store, user: UserId, views: Vec<ChatView>) -> Result<Vec<Chat>, StoreError> {
    let mentions = mentions::unread(store, user, &views).await?;
    let peers: Vec<UserId> = views.iter().filter_map(peer).collect();
    let people = store.people.get_many(&peers).await?;
    let people: HashMap<UserId, Person> = people.into_iter().map(|person| (person.id, person)).collect();
    let known = |view: &ChatView| peer(view).and_then(|user| people.get(&user)).cloned();
    let all = views.into_iter().zip(mentions).map(|(view, mentions)| (known(&view), view, mentions));
    Ok(all.map(|(peer, view, mentions)| shown(view, peer, mentions)).collect())
}

fn peer(view: &ChatView) -> Option<UserId> {
    view.peer.filter(|_| view.chat.kind == ChatKind::Direct)
}

fn shown(view: ChatView, peer: Option<Person>, mentions: i64) -> Chat {
    let me = choices::as_shown(&view);
    let record = view.chat;
    let ChatSettings { topic, description, archived, posting, slow_s } = record.settings.shown();
    Chat {
        id: record.id,
        kind: record.kind,
        name: record.name,
        peer,
        role: Some(view.member.role),
        member_count: record.member_count,
        head_seq: record.head.seq,
        head_cseq: record.head.cseq,
        read_seq: view.marker,
        unread: view.read.unread,
        mentions,
        created_at: record.created_at,
        last_message_at: record.last_message_at,
        last_message: view.last_message.map(Message::preview),
        topic,
        description,
        archived,
        posting,
        slow_s,
        me,
    }
}

/// An open chat as it is shown to somebody outside: what it is, not what is said.
fn present_outside(record: ChatRecord) -> Chat {
    let ChatSettings { topic, description, archived, posting, slow_s } = record.settings.shown();
    Chat {
        id: record.id,
        kind: record.kind,
        name: record.name,
        peer: None,
        role: None,
        member_count: record.member_count,
        head_seq: record.head.seq,
        head_cseq: record.head.cseq,
        read_seq: record.head.seq,
        unread: 0,
        mentions: 0,
        created_at: record.created_at,
        last_message_at: record.last_message_at,
        last_message: None,
        topic,
        description,
        archived,
        posting,
        slow_s,
        me: Choices::default(),
    }
}

/// The newest time that a message may be of: later ones were dated by a clock that was wrong.
fn until(app: &App) -> Timestamp {
    app.now().plus_seconds(OFF_S)
}

/// The caller's chats by last activity, newest first: those that are archived, or all others.
pub async fn list(
    app: &App,
    caller: &Caller,
    archived: bool,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<Chat>, AppError> {
    let list = format!("{}chats:{}", if archived { "archived-" } else { "" }, caller.user);
    let after: Option<ChatPosition> = cursor::read(app, &list, cursor)?;
    let until = until(app);
    let found =
        app.store().chats.list_for(caller.user, archived, until, after.as_ref(), limit.get() + 1).await?;
    let position = |view: &ChatView| (active_at(&view.chat, until), view.chat.id);
    let (mut views, next) = cursor::page(app, &list, found, limit.get(), position);
    for view in &mut views {
        view.chat.last_message_at = active_at(&view.chat, until);
    }
    Ok(Page { items: present_all(app.store(), caller.user, views).await?, next })
}

/// Open chats whose name begins with `prefix`, without those that are archived.
pub async fn list_open(
    app: &App,
    caller: &Caller,
    prefix: &str,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<Chat>, AppError> {
    let list = format!("open-chats:{prefix}");
    let after: Option<OpenPosition> = cursor::read(app, &list, cursor)?;
    let found = app.store().chats.list_open(&fold(prefix.trim()), after.as_ref(), limit.get() + 1).await?;
    let position =
        |record: &ChatRecord| (fold(record.name.as_ref().map_or("", |name| name.as_str())), record.id);
    let (records, next) = cursor::page(app, &list, found, limit.get(), position);
    let mut items = Vec::with_capacity(records.len());
    for record in records.into_iter().filter(|record| !record.settings.is_archived()) {
        items.push(as_seen_by(app, caller.user, record).await?);
    }
    Ok(Page { items, next })
}

async fn as_seen_by(app: &App, user: UserId, record: ChatRecord) -> Result<Chat, AppError> {
    match app.store().chats.find_for(user, record.id).await? {
        Some(view) => Ok(present(app.store(), view).await?),
        None => Ok(present_outside(record)),
    }
}

/// One chat. Members see it; anybody signed in sees an open one from outside.
pub async fn get(app: &App, caller: &Caller, chat: ChatId) -> Result<Chat, AppError> {
    if let Some(mut view) = app.store().chats.find_for(caller.user, chat).await? {
        view.chat.last_message_at = active_at(&view.chat, until(app));
        return Ok(present(app.store(), view).await?);
    }
    let record = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?;
    match record.kind {
        ChatKind::Open => Ok(present_outside(record)),
        ChatKind::Direct | ChatKind::Group | ChatKind::Other(_) => Err(AppError::NotFound),
    }
}

/// A chat that was made, or the one that was there already.
#[derive(Debug)]
pub struct Created {
    /// The chat.
    pub chat: Chat,
    /// Whether this call made it.
    pub is_new: bool,
}

/// Makes a chat. A pair's second direct chat is its first one; a repeated key answers the first chat.
pub async fn create(
    app: &App,
    caller: &Caller,
    request: &CreateChat,
    key: Option<&str>,
) -> Result<Created, AppError> {
    let others = others(app, caller, request).await?;
    let candidate = ChatId::mint(app.now(), app.random().next_u64());
    let id = match request.kind {
        ChatKind::Direct => {
            let peer = others.first().copied().unwrap_or(caller.user);
            app.store().chats.claim_direct(caller.user, peer, candidate).await?
        }
        ChatKind::Group | ChatKind::Open | ChatKind::Other(_) => {
            claim(app, caller, request, key, candidate).await?
        }
    };
    let is_new = id == candidate || is_unmade(app, caller, request.kind, id).await?;
    if is_new {
        let members = first_members(caller.user, request.kind, &others);
        let kind =
            IntentKind::CreateChat { chat: id, kind: request.kind, name: request.name.clone(), members };
        work::carry_out(app, caller.user, kind).await?;
    }
    Ok(Created { chat: get(app, caller, id).await?, is_new })
}

/// Whether a chat's id was given out, but whoever began the chat has not got to the end, or never will.
/// Out of a direct chat nobody ever goes; of others a missing caller may mean that they left.
async fn is_unmade(app: &App, caller: &Caller, kind: ChatKind, chat: ChatId) -> Result<bool, AppError> {
    match kind {
        ChatKind::Direct => Ok(app.store().chats.find_for(caller.user, chat).await?.is_none()),
        ChatKind::Group | ChatKind::Open | ChatKind::Other(_) => {
            let is_empty = |record: ChatRecord| record.member_count == 0 && record.head == Head::EMPTY;
            Ok(app.store().chats.get(chat).await?.is_none_or(is_empty))
        }
    }
}

/// The others who shall be in it, each once, all existing.
async fn others(app: &App, caller: &Caller, request: &CreateChat) -> Result<Vec<UserId>, AppError> {
    check_shape(request)?;
    let mut others = request.members.clone();
    others.sort_unstable();
    others.dedup();
    let names_self = others.contains(&caller.user);
    others.retain(|user| *user != caller.user);
    if request.kind == ChatKind::Direct && (others.len() > 1 || (others.is_empty() && !names_self)) {
        let detail = "A direct chat needs exactly one other person, or yourself.";
        return Err(AppError::invalid(codes::INVALID_BODY, detail, "/members"));
    }
    if app.store().people.get_many(&others).await?.len() < others.len() {
        return Err(AppError::invalid(
            codes::UNKNOWN_PERSON,
            "One of these people does not exist.",
            "/members",
        ));
    }
    Ok(others)
}

fn check_shape(request: &CreateChat) -> Result<(), AppError> {
    if request.members.len() > MAX_FIRST_MEMBERS {
        let detail = "A chat begins with at most 100 people; add more afterwards.";
        return Err(AppError::invalid(codes::TOO_MANY_MEMBERS, detail, "/members"));
    }
    match (request.kind, &request.name) {
        (ChatKind::Direct, Some(_)) => {
            Err(AppError::invalid(codes::INVALID_BODY, "A direct chat has no name of its own.", "/name"))
        }
        (ChatKind::Group | ChatKind::Open, None) => {
            Err(AppError::invalid("invalid_chat_name", "A group or open chat needs a name.", "/name"))
        }
        _ => Ok(()),
    }
}

fn first_members(owner: UserId, kind: ChatKind, others: &[UserId]) -> Vec<(UserId, MemberRole)> {
    let own = if kind == ChatKind::Direct { MemberRole::Member } else { MemberRole::Owner };
    let rest = others.iter().map(|user| (*user, MemberRole::Member));
    std::iter::once((owner, own)).chain(rest).collect()
}

/// The id this key stands for; the candidate without a key.
async fn claim(
    app: &App,
    caller: &Caller,
    request: &CreateChat,
    key: Option<&str>,
    candidate: ChatId,
) -> Result<ChatId, AppError> {
    let Some(key) = key else { return Ok(candidate) };
    if key.is_empty() || key.len() > 128 {
        let detail = "An Idempotency-Key has 1 to 128 characters.";
        return Err(AppError::invalid(codes::INVALID_PARAMETER, detail, "Idempotency-Key"));
    }
    let body = serde_json::to_vec(request).map_err(|error| AppError::Internal(Box::new(error)))?;
    let digest: [u8; 32] = Sha256::digest(&body).into();
    match app.store().idempotency.claim(caller.user, key, &digest, candidate.uuid(), app.now()).await? {
        Claim::Tied(id) => Ok(ChatId::from_uuid(id)),
        Claim::OtherBody => Err(AppError::conflict(
            codes::IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key came before with another body.",
        )),
    }
}

/// Gives a group or open chat another name, or sets it to something else. What is not named stays; where it is so already
/// nothing is numbered.
pub async fn update(app: &App, caller: &Caller, chat: ChatId, request: UpdateChat) -> Result<Chat, AppError> {
    access::member(app, chat, caller.user).await?;
    access::changeable_chat(app, chat).await?;
    let (name, settings) = wanted(request);
    for wanted in name.map(Wanted::Rename).into_iter().chain(settings.map(Wanted::Set)) {
        rulings::rule(app, caller.user, chat, &wanted).await?;
    }
    get(app, caller, chat).await
}

/// Whoever asks for nothing still has to be somebody who may.
fn wanted(request: UpdateChat) -> (Option<ChatName>, Option<SettingsChange>) {
    let UpdateChat { name, topic, description, archived, posting, slow_s } = request;
    let settings = SettingsChange { topic, description, archived, posting, slow_s };
    let is_asked = name.is_none() || settings != SettingsChange::default();
    (name, is_asked.then_some(settings))
}
