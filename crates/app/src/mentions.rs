//! Mentions: whom a text mentions, decided when it is sent; who is mentioned where, derived from the log.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use petit_domain::{
    ChatId, EVERYBODY, MemberRecord, Mentioned, Message, Page, PageLimit, UserId, Username, names_in,
};
use petit_ports::{
    ChangeKind, ChangeRecord, ChatView, Commit, CommitEntry, Mention, MentionedBy, StoreError,
};
use petit_protocol::MentionItem;

use crate::{
    App, AppError, Caller,
    access::{self, Membership},
    cursor,
    follow::{Batch, Follower},
    memory::Memory,
    shown,
};

/// In larger chats `@all` is a text like any other.
pub const MOST_FOR_ALL: i64 = 1_000;

/// Whose a username is never changes, so it is remembered for as long as there is room.
pub(crate) type Usernames = Memory<Username, UserId>;
const BELIEVED_FOR: Duration = Duration::from_secs(3_600);
const REMEMBERED: usize = 50_000;

pub(crate) fn usernames() -> Usernames {
    Memory::new(BELIEVED_FOR, REMEMBERED)
}

/// Whom a text of this author mentions: members of the chat, each once, in the order of the text. Costs nothing
/// where it has no `@`.
pub(crate) async fn resolve(app: &App, by: &Membership, text: &str) -> Result<Vec<Mentioned>, AppError> {
    let mut mentioned = Vec::new();
    for names in names_in(text) {
        if let Some(found) = first_of(app, by, &names).await?
            && found != Mentioned::Person(by.user())
            && !mentioned.contains(&found)
        {
            mentioned.push(found);
        }
    }
    Ok(mentioned)
}

/// The longest of these names that somebody in the chat has.
async fn first_of(app: &App, by: &Membership, names: &[Username]) -> Result<Option<Mentioned>, AppError> {
    for name in names {
        if name.as_str() == EVERYBODY {
            let chat = app.store().chats.get(by.chat()).await?;
            let fits = chat.is_some_and(|chat| chat.member_count <= MOST_FOR_ALL);
            return Ok(fits.then_some(Mentioned::Everybody));
        }
        if let Some(user) = called(app, name).await?
            && is_member(app, by.chat(), user).await?
        {
            return Ok(Some(Mentioned::Person(user)));
        }
    }
    Ok(None)
}

async fn called(app: &App, name: &Username) -> Result<Option<UserId>, AppError> {
    if let Some(user) = app.usernames.get(name) {
        return Ok(Some(user));
    }
    let before = app.usernames.before_reading();
    let found = app.store().people.find_by_username(name).await?.map(|person| person.id);
    if let Some(user) = found {
        app.usernames.put(name.clone(), user, before);
    }
    Ok(found)
}

async fn is_member(app: &App, chat: ChatId, user: UserId) -> Result<bool, AppError> {
    match access::member(app, chat, user).await {
        Ok(_) => Ok(true),
        Err(AppError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How many pages of mentions are looked through for one page of messages.
const LOOKS: usize = 5;

/// Messages that mention the caller, newest first, of chats they are in. A page may be short where much was
/// deleted; `next` says whether it goes on.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<MentionItem>, AppError> {
    let list = format!("mentions:{}", caller.user);
    let mut after: Option<Mention> = cursor::read(app, &list, cursor)?;
    let mut items = Vec::new();
    for _ in 0..LOOKS {
        let found = app.store().mentions.list(caller.user, after.as_ref(), limit.get()).await?;
        let is_last = found.len() < limit.get();
        for mention in found {
            if items.len() == limit.get() {
                return Ok(Page { items, next: after.map(|after| cursor::write(app, &list, &after)) });
            }
            items.extend(shown(app, caller.user, &mention).await?);
            after = Some(mention);
        }
        if is_last {
            return Ok(Page { items, next: None });
        }
    }
    Ok(Page { items, next: after.map(|after| cursor::write(app, &list, &after)) })
}

/// The message as it is now, if it still mentions the person and they may read it.
async fn shown(app: &App, user: UserId, mention: &Mention) -> Result<Option<MentionItem>, AppError> {
    if !is_member(app, mention.chat, user).await? {
        return Ok(None);
    }
    let found = app.store().log.get(mention.chat, mention.seq).await?;
    let Some(message) = found.filter(|message| mentions(message, user)) else { return Ok(None) };
    let message = shown::message_to(app, user, message).await?;
    Ok(Some(MentionItem { message }))
}

/// Whether a message mentions a person who is in its chat.
fn mentions(message: &Message, user: UserId) -> bool {
    let is_meant = |one: &Mentioned| match one {
        Mentioned::Everybody => message.author != user,
        Mentioned::Person(other) => *other == user,
        Mentioned::Other(_) => false,
    };
    !message.deleted && message.parts.mentions.iter().any(is_meant)
}

/// How many unread messages of each chat mention the person, in the order of the chats, and never more than are unread.
/// One look for all of them, and none if everything was read.
pub(crate) async fn unread(
    store: &petit_ports::Store,
    user: UserId,
    views: &[ChatView],
) -> Result<Vec<i64>, StoreError> {
    let is_unread = |view: &&ChatView| view.read.unread > 0;
    let above: Vec<(ChatId, i64)> =
        views.iter().filter(is_unread).map(|view| (view.chat.id, view.read.read_seq)).collect();
    if above.is_empty() {
        return Ok(vec![0; views.len()]);
    }
    let mut counts = store.mentions.count(user, &above).await?.into_iter();
    let mut next = || counts.next().unwrap_or(0);
    let of = |view: &ChatView| if is_unread(&view) { next().min(view.read.unread) } else { 0 };
    Ok(views.iter().map(of).collect())
}

/// Follows logs for mentions.
pub struct Mentions;

#[async_trait]
impl Follower for Mentions {
    fn name(&self) -> &'static str {
        "mentions"
    }

    fn cares(&self, commit: &Commit) -> bool {
        match &commit.entry {
            CommitEntry::Message(message, _) => !message.parts.mentions.is_empty(),
            CommitEntry::Revision(..) => true,
            CommitEntry::Change(_) => false,
        }
    }

    async fn take(&self, app: &App, chat: ChatId, batch: &Batch) -> Result<(), AppError> {
        for message in batch.messages.iter().filter(|message| !message.parts.mentions.is_empty()) {
            settle(app, message).await?;
        }
        let revised: BTreeSet<i64> = batch.changes.iter().filter_map(revised).collect();
        for seq in revised {
            if let Some(message) = app.store().log.get(chat, seq).await? {
                settle(app, &message).await?;
            }
        }
        Ok(())
    }
}

fn revised(change: &ChangeRecord) -> Option<i64> {
    match change.kind {
        // Whatever made the newest version of a message: an older one is not settled any more.
        ChangeKind::MessageEdited(seq)
        | ChangeKind::MessageDeleted(seq)
        | ChangeKind::MessageChanged(seq) => Some(seq),
        _ => None,
    }
}

async fn settle(app: &App, message: &Message) -> Result<(), AppError> {
    let people = if message.deleted { Vec::new() } else { people(app, message).await? };
    let (chat, seq, at, version) = (message.chat, message.seq, message.created_at, message.cseq);
    Ok(app.store().mentions.settle(&MentionedBy { chat, seq, at, version, people }).await?)
}

/// Everybody a message mentions. `@all` are those who were in the chat when it was written, and still are.
async fn people(app: &App, message: &Message) -> Result<Vec<UserId>, AppError> {
    let mut people = BTreeSet::new();
    for one in &message.parts.mentions {
        match one {
            Mentioned::Person(user) => {
                people.insert(*user);
            }
            Mentioned::Everybody => people.extend(everybody(app, message).await?),
            Mentioned::Other(_) => {}
        }
    }
    people.remove(&message.author);
    Ok(people.into_iter().collect())
}

async fn everybody(app: &App, message: &Message) -> Result<Vec<UserId>, AppError> {
    const PAGE: usize = 500;
    let (mut people, mut after) = (Vec::new(), None);
    loop {
        let members = app.store().members.list(message.chat, after, PAGE).await?;
        after = members.last().map(|last| last.user);
        let is_last = members.len() < PAGE;
        let was_there = |member: &MemberRecord| member.joined_seq < message.seq;
        people.extend(members.into_iter().filter(was_there).map(|member| member.user));
        if is_last {
            return Ok(people);
        }
    }
}
