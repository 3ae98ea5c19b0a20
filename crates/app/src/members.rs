//! Who is in a chat: adding, removing, leaving, roles.

use std::collections::HashMap;

use petit_domain::{ChatId, ChatKind, Member, MemberRecord, MemberRole, Page, PageLimit, Person, UserId};
use petit_ports::StoreError;
use petit_protocol::codes;

use crate::{
    App, AppError, Caller,
    access::{self, Membership},
    cursor,
    rulings::{self, Wanted},
};

/// The members of a chat, by id.
pub async fn list(
    app: &App,
    by: &Membership,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<Member>, AppError> {
    let list = format!("members:{}", by.chat());
    let after: Option<UserId> = cursor::read(app, &list, cursor)?;
    let found = app.store().members.list(by.chat(), after, limit.get() + 1).await?;
    let (records, next) = cursor::page(app, &list, found, limit.get(), |member| member.user);
    Ok(Page { items: present(app, records).await?, next })
}

/// Members with their profiles, in the same order.
pub(crate) async fn present(app: &App, records: Vec<MemberRecord>) -> Result<Vec<Member>, StoreError> {
    let users: Vec<UserId> = records.iter().map(|record| record.user).collect();
    let people = app.store().people.get_many(&users).await?;
    let mut people: HashMap<UserId, Person> = people.into_iter().map(|person| (person.id, person)).collect();
    let member = |record: MemberRecord| {
        let person = people.remove(&record.user)?;
        Some(Member { person, role: record.role, joined_at: record.joined_at })
    };
    Ok(records.into_iter().filter_map(member).collect())
}

async fn one(app: &App, chat: ChatId, user: UserId) -> Result<Member, AppError> {
    let record = app.store().members.get(chat, user).await?.ok_or(AppError::NotFound)?;
    present(app, vec![record]).await?.pop().ok_or(AppError::NotFound)
}

/// A member, and whether they are new.
#[derive(Debug)]
pub struct Added {
    /// The member.
    pub member: Member,
    /// Whether this call put them in.
    pub is_new: bool,
}

/// Puts somebody into a chat. Members of groups and open chats may add anybody; into an open chat
/// everybody may put themselves.
pub async fn add(app: &App, caller: &Caller, chat: ChatId, user: UserId) -> Result<Added, AppError> {
    let comes_alone = user == caller.user && is_open(app, chat).await?;
    if !comes_alone {
        access::member(app, chat, caller.user).await?;
    }
    access::changeable_chat(app, chat).await?;
    if app.store().people.get(user).await?.is_none() {
        return Err(AppError::invalid(codes::UNKNOWN_PERSON, "This person does not exist.", "/user"));
    }
    let is_new = rulings::rule(app, caller.user, chat, &Wanted::Add(user)).await?;
    Ok(Added { member: one(app, chat, user).await?, is_new })
}

async fn is_open(app: &App, chat: ChatId) -> Result<bool, AppError> {
    let record = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?;
    Ok(record.kind == ChatKind::Open)
}

/// Takes somebody out: oneself, or with the right to, another. Again is fine.
pub async fn remove(app: &App, caller: &Caller, chat: ChatId, user: UserId) -> Result<(), AppError> {
    access::member_now(app, chat, caller.user).await?;
    access::changeable_chat(app, chat).await?;
    rulings::rule(app, caller.user, chat, &Wanted::Remove(user)).await.map(drop)
}

/// Gives a member another role. Only owners may, and a chat keeps at least one.
pub async fn set_role(
    app: &App,
    caller: &Caller,
    chat: ChatId,
    user: UserId,
    role: MemberRole,
) -> Result<Member, AppError> {
    access::member_now(app, chat, caller.user).await?;
    access::changeable_chat(app, chat).await?;
    rulings::rule(app, caller.user, chat, &Wanted::Role(user, role)).await?;
    one(app, chat, user).await
}
