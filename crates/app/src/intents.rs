//! Work in several steps. It is noted before its first step and forgotten after its last; every step
//! may be repeated, so whoever finds it unfinished does it again from the start.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, IntentId, MemberRecord, MemberRole, MessageKind,
    UserId,
};
use petit_ports::{Change, ChangeKind, Intent, IntentKind, NewChange, NewMessage};

use crate::{App, AppError};

/// Notes the work, does it, forgets it.
pub(crate) async fn carry_out(app: &App, by: UserId, kind: IntentKind) -> Result<(), AppError> {
    let at = app.now();
    let intent = Intent { id: IntentId::mint(at, app.random().next_u64()), by, at, kind };
    app.store().outbox.put(&intent).await?;
    run(app, &intent).await?;
    Ok(app.store().outbox.done(intent.id).await?)
}

/// Does noted work, from the start.
pub(crate) async fn run(app: &App, intent: &Intent) -> Result<(), AppError> {
    match &intent.kind {
        IntentKind::CreateChat { chat, kind, name, members } => {
            create_chat(app, intent, *chat, *kind, name.clone(), members).await
        }
        IntentKind::AddMember { chat, user, role } => add_member(app, intent, *chat, *user, *role).await,
        IntentKind::RemoveMember { chat, user, heir } => {
            remove_member(app, intent, *chat, *user, *heir).await
        }
        IntentKind::SetRole { chat, user, role } => set_role(app, intent, *chat, *user, *role).await,
        IntentKind::RenameChat { chat, name } => rename_chat(app, intent, *chat, name).await,
    }
}

async fn create_chat(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    kind: ChatKind,
    name: Option<ChatName>,
    members: &[(UserId, MemberRole)],
) -> Result<(), AppError> {
    let record = ChatRecord {
        id: chat,
        kind,
        name,
        created_by: intent.by,
        created_at: intent.at,
        head: Head::EMPTY,
        last_message_at: intent.at,
        member_count: 0,
    };
    app.store().chats.create(&record).await?;
    for (user, role) in members {
        join(app, intent, chat, *user, *role, -1).await?;
        let change = NewChange { kind: ChangeKind::MemberChanged(*user), actor: intent.by, at: intent.at };
        app.store().log.append_change(chat, change).await?;
    }
    Ok(())
}

async fn join(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    user: UserId,
    role: MemberRole,
    joined_seq: i64,
) -> Result<Change, AppError> {
    let member = MemberRecord { chat, user, role, joined_seq, joined_at: intent.at };
    let change = app.store().members.add(&member).await?;
    app.memberships.forget(chat, user);
    Ok(change)
}

async fn add_member(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    user: UserId,
    role: MemberRole,
) -> Result<(), AppError> {
    let Some(head) = app.store().log.head(chat).await? else { return Ok(()) };
    join(app, intent, chat, user, role, head.seq).await?;
    let change = ChangeKind::MemberChanged(user);
    say(app, intent, chat, MessageKind::MemberJoined, Some(user), "", change).await
}

async fn remove_member(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    user: UserId,
    heir: Option<UserId>,
) -> Result<(), AppError> {
    if let Some(heir) = heir {
        set_role(app, intent, chat, heir, MemberRole::Owner).await?;
    }
    app.store().members.remove(chat, user).await?;
    app.memberships.forget(chat, user);
    say(app, intent, chat, MessageKind::MemberLeft, Some(user), "", ChangeKind::MemberRemoved(user)).await
}

async fn set_role(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    user: UserId,
    role: MemberRole,
) -> Result<(), AppError> {
    app.store().members.set_role(chat, user, role).await?;
    app.memberships.forget(chat, user);
    let change = NewChange { kind: ChangeKind::MemberChanged(user), actor: intent.by, at: app.now() };
    app.store().log.append_change(chat, change).await?;
    Ok(())
}

async fn rename_chat(app: &App, intent: &Intent, chat: ChatId, name: &ChatName) -> Result<(), AppError> {
    app.store().chats.rename(chat, name).await?;
    say(app, intent, chat, MessageKind::ChatRenamed, None, name.as_str(), ChangeKind::ChatRenamed).await
}

/// Writes into the timeline what the work did. The client id comes from the work, so a repeat writes nothing.
async fn say(
    app: &App,
    intent: &Intent,
    chat: ChatId,
    kind: MessageKind,
    subject: Option<UserId>,
    text: &str,
    change: ChangeKind,
) -> Result<(), AppError> {
    let message = NewMessage {
        author: intent.by,
        kind,
        text: text.to_owned(),
        client_id: ClientId::try_from(intent.id.to_string())?,
        reply_to: None,
        subject,
        at: app.now(),
        random: app.random().next_u64(),
        change: Some(change),
    };
    app.store().log.append(chat, message).await?;
    Ok(())
}
