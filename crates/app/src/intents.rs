//! Work in several steps. It is noted before its first step and forgotten after its last; every step
//! may be repeated, so whoever finds it unfinished does it again from the start.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, IntentId, MemberRecord, MemberRole, MessageKind,
    UserId,
};
use petit_ports::{Change, ChangeKind, ChangeRecord, Intent, IntentKind, NewChange, NewMessage};

use crate::{App, AppError};

/// How many of a chat's newest changes are looked through for what an earlier attempt did. Work is finished
/// within seconds, in which there are not so many.
const LOOKED_THROUGH: i64 = 1_000;

/// Notes the work, does it, forgets it.
pub(crate) async fn carry_out(app: &App, by: UserId, kind: IntentKind) -> Result<(), AppError> {
    let at = app.now();
    let intent = Intent { id: IntentId::mint(at, app.random().next_u64()), by, at, kind };
    app.store().outbox.put(&intent).await?;
    Run { app, intent: &intent, is_first: true }.all().await?;
    Ok(app.store().outbox.done(intent.id).await?)
}

/// Does noted work again from the start, and forgets it. What had come to its end and only was not forgotten
/// is left alone: to do it again would undo what others did since.
pub(crate) async fn finish(app: &App, intent: &Intent) -> Result<(), AppError> {
    if !has_ended(app, intent).await? {
        Run { app, intent, is_first: false }.all().await?;
    }
    Ok(app.store().outbox.done(intent.id).await?)
}

/// Whether the last step of an earlier attempt is in the log of its chat.
async fn has_ended(app: &App, intent: &Intent) -> Result<bool, AppError> {
    let Some((chat, last)) = last_step(&intent.kind) else { return Ok(false) };
    let is_it =
        |change: &ChangeRecord| change.kind == last && change.actor == intent.by && change.at >= intent.at;
    Ok(newest_changes(app, chat).await?.iter().any(is_it))
}

fn last_step(kind: &IntentKind) -> Option<(ChatId, ChangeKind)> {
    match *kind {
        IntentKind::CreateChat { .. } => None,
        IntentKind::AddMember { chat, user, .. } | IntentKind::SetRole { chat, user, .. } => {
            Some((chat, ChangeKind::MemberChanged(user)))
        }
        IntentKind::RemoveMember { chat, user, .. } => Some((chat, ChangeKind::MemberRemoved(user))),
        IntentKind::RenameChat { chat, .. } => Some((chat, ChangeKind::ChatRenamed)),
    }
}

async fn newest_changes(app: &App, chat: ChatId) -> Result<Vec<ChangeRecord>, AppError> {
    let log = &app.store().log;
    let Some(head) = log.head(chat).await? else { return Ok(Vec::new()) };
    let from = (head.cseq - LOOKED_THROUGH).max(Head::EMPTY.cseq);
    Ok(log.changes_after(chat, from, LOOKED_THROUGH as usize).await?)
}

/// One attempt at noted work.
struct Run<'a> {
    app: &'a App,
    intent: &'a Intent,
    is_first: bool,
}

impl Run<'_> {
    async fn all(&self) -> Result<(), AppError> {
        match &self.intent.kind {
            IntentKind::CreateChat { chat, kind, name, members } => {
                self.create_chat(*chat, *kind, name.clone(), members).await
            }
            IntentKind::AddMember { chat, user, role } => self.add_member(*chat, *user, *role).await,
            IntentKind::RemoveMember { chat, user, heir } => self.remove_member(*chat, *user, *heir).await,
            IntentKind::SetRole { chat, user, role } => self.set_role(*chat, *user, *role).await,
            IntentKind::RenameChat { chat, name } => self.rename_chat(*chat, name).await,
        }
    }

    /// At the first attempt "already so" means that somebody else did the same at the same time, and will
    /// say so. Later it means that an earlier attempt got this far.
    fn is_somebody_elses(&self, change: Change) -> bool {
        self.is_first && change == Change::AlreadySo
    }

    async fn create_chat(
        &self,
        chat: ChatId,
        kind: ChatKind,
        name: Option<ChatName>,
        members: &[(UserId, MemberRole)],
    ) -> Result<(), AppError> {
        let (created_by, created_at) = (self.intent.by, self.intent.at);
        let (head, last_message_at) = (Head::EMPTY, created_at);
        let record = ChatRecord {
            id: chat,
            kind,
            name,
            created_by,
            created_at,
            head,
            last_message_at,
            member_count: 0,
        };
        self.app.store().chats.create(&record).await?;
        let gone = self.who_left(chat).await?;
        let members = || members.iter().filter(|(user, _)| !gone.contains(user));
        for (user, role) in members() {
            self.join(chat, *user, *role, Head::EMPTY).await?;
        }
        for (user, _) in members() {
            self.app.announcer.welcome(chat, *user);
        }
        Ok(())
    }

    /// Who was in the chat after an earlier attempt, and went.
    async fn who_left(&self, chat: ChatId) -> Result<Vec<UserId>, AppError> {
        if self.is_first {
            return Ok(Vec::new());
        }
        let changes = newest_changes(self.app, chat).await?;
        let left = changes.iter().filter_map(|change| match change.kind {
            ChangeKind::MemberRemoved(user) => Some(user),
            _ => None,
        });
        Ok(left.collect())
    }

    async fn join(
        &self,
        chat: ChatId,
        user: UserId,
        role: MemberRole,
        head: Head,
    ) -> Result<Change, AppError> {
        let member = MemberRecord { chat, user, role, joined_seq: head.seq, joined_at: self.intent.at };
        let change = self.app.store().members.add(&member).await?;
        self.app.memberships.forget(&(chat, user));
        Ok(change)
    }

    async fn add_member(&self, chat: ChatId, user: UserId, role: MemberRole) -> Result<(), AppError> {
        let Some(head) = self.app.store().log.head(chat).await? else { return Ok(()) };
        let change = self.join(chat, user, role, head).await?;
        if self.is_somebody_elses(change) {
            return Ok(());
        }
        self.say(chat, MessageKind::MemberJoined, Some(user), "", ChangeKind::MemberChanged(user)).await
    }

    async fn remove_member(&self, chat: ChatId, user: UserId, heir: Option<UserId>) -> Result<(), AppError> {
        if let Some(heir) = heir {
            self.set_role(chat, heir, MemberRole::Owner).await?;
        }
        let change = self.app.store().members.remove(chat, user).await?;
        self.app.memberships.forget(&(chat, user));
        if self.is_somebody_elses(change) {
            return Ok(());
        }
        self.say(chat, MessageKind::MemberLeft, Some(user), "", ChangeKind::MemberRemoved(user)).await
    }

    async fn set_role(&self, chat: ChatId, user: UserId, role: MemberRole) -> Result<(), AppError> {
        let change = self.app.store().members.set_role(chat, user, role).await?;
        self.app.memberships.forget(&(chat, user));
        if self.is_somebody_elses(change) {
            return Ok(());
        }
        let (kind, actor) = (ChangeKind::MemberChanged(user), self.intent.by);
        self.app.store().log.append_change(chat, NewChange { kind, actor, at: self.app.now() }).await?;
        Ok(())
    }

    async fn rename_chat(&self, chat: ChatId, name: &ChatName) -> Result<(), AppError> {
        let change = self.app.store().chats.rename(chat, name).await?;
        if self.is_somebody_elses(change) {
            return Ok(());
        }
        self.say(chat, MessageKind::ChatRenamed, None, name.as_str(), ChangeKind::ChatRenamed).await
    }

    /// Writes into the timeline what the work did. The client id comes from the work, so a repeat writes
    /// nothing.
    async fn say(
        &self,
        chat: ChatId,
        kind: MessageKind,
        subject: Option<UserId>,
        text: &str,
        change: ChangeKind,
    ) -> Result<(), AppError> {
        let message = NewMessage {
            author: self.intent.by,
            kind,
            text: text.to_owned(),
            client_id: ClientId::try_from(self.intent.id.to_string())?,
            reply_to: None,
            subject,
            at: self.app.now(),
            random: self.app.random().next_u64(),
            change: Some(change),
        };
        self.app.store().log.append(chat, message).await?;
        Ok(())
    }
}
