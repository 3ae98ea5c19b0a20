//! Does work that was noted, from the start, however far it came before.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, Head, MemberRecord, MemberRole, SettingsRecord, UserId,
};

use crate::{
    App, AppError,
    intents::{self, IntentKind, Known},
    rulings,
    sets::Set,
};

/// Notes the work, does it, forgets it.
pub(crate) async fn carry_out(app: &App, by: UserId, kind: IntentKind) -> Result<(), AppError> {
    finish(app, &intents::noted(app, by, kind).await?).await
}

/// Does noted work from the start, and forgets it.
pub(crate) async fn finish(app: &App, intent: &Known) -> Result<(), AppError> {
    match intent.kind() {
        IntentKind::CreateChat { chat, kind, name, members } => {
            create_chat(app, intent, (*chat, *kind, name.clone()), members).await?;
        }
        IntentKind::Settle { chat } => {
            rulings::settle(app.store(), *chat).await?;
        }
        IntentKind::TellReactions { chat, seq } => {
            Set::Reactions.tell(app.store(), (*chat, *seq), (intent.by(), app.now())).await?;
        }
        IntentKind::TellPin { chat, seq } => {
            Set::Pin.tell(app.store(), (*chat, *seq), (intent.by(), app.now())).await?;
        }
    }
    Ok(app.store().intents.done(intent.id()).await?)
}

/// Chat and members are made together, once: who went since stays away.
async fn create_chat(
    app: &App,
    intent: &Known,
    (id, kind, name): (ChatId, ChatKind, Option<ChatName>),
    members: &[(UserId, MemberRole)],
) -> Result<(), AppError> {
    let (created_by, created_at) = (intent.by(), intent.at());
    let (head, last_message_at, member_count) = (Head::EMPTY, created_at, 0);
    let settings = SettingsRecord::default();
    let record =
        ChatRecord { id, kind, name, created_by, created_at, head, last_message_at, member_count, settings };
    let member = |(user, role): &(UserId, MemberRole)| {
        let (user, role, joined_seq) = (*user, *role, Head::EMPTY.seq);
        MemberRecord { chat: id, user, role, joined_seq, joined_at: created_at }
    };
    let seats: Vec<MemberRecord> = members.iter().map(member).collect();
    app.store().chats.create(&record, &seats).await?;
    for (user, _) in members {
        app.memberships.forget(&(id, *user));
        app.announcer.welcome(id, *user);
    }
    Ok(())
}
