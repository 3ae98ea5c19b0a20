//! Work in several steps. It is noted before its first step and forgotten after its last; every step
//! may be repeated, so whoever finds it unfinished does it again from the start.

use petit_domain::{
    ChangeKind, ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, IntentId, MemberRecord, MemberRole,
    MessageKind, Named, Timestamp, UserId,
};
use petit_ports::{Change, ChangeRecord, Intent, NewChange, NewMessage, Wish};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{App, AppError};

/// How many of a chat's newest changes are looked through for what an earlier attempt did. Work is finished
/// within seconds, in which there are not so many.
const LOOKED_THROUGH: i64 = 1_000;

/// The kinds of work in several steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum IntentKind {
    /// Make a chat and put its first members in.
    CreateChat { chat: ChatId, kind: ChatKind, name: Option<ChatName>, members: Vec<(UserId, MemberRole)> },
    /// Put somebody in and say so in the timeline.
    AddMember { chat: ChatId, user: UserId, role: MemberRole },
    /// Take somebody out and say so in the timeline. If no owner is left, `heir` becomes one.
    RemoveMember { chat: ChatId, user: UserId, heir: Option<UserId> },
    /// Change a role and number the change.
    SetRole { chat: ChatId, user: UserId, role: MemberRole },
    /// Rename the chat and say so in the timeline.
    RenameChat { chat: ChatId, name: ChatName },
}

/// Work that this version knows.
pub(crate) struct Known {
    id: IntentId,
    by: UserId,
    at: Timestamp,
    kind: IntentKind,
}

/// Reads work as it was noted. `None`: a newer version noted it, and is left to finish it.
pub(crate) fn known(intent: &Intent) -> Option<Known> {
    let mut members = intent.body.clone();
    members.insert(TYPE.into(), intent.kind.clone().into());
    let kind: IntentKind = serde_json::from_value(members.into()).ok()?;
    if matches!(&kind, IntentKind::CreateChat { kind, .. } if !kind.is_known()) {
        return None;
    }
    Some(Known { id: intent.id, by: intent.by, at: intent.at, kind })
}

impl Known {
    pub(crate) const fn id(&self) -> IntentId {
        self.id
    }

    fn noted(&self) -> Result<Intent, AppError> {
        let members =
            serde_json::to_value(&self.kind).map_err(|error| AppError::Internal(Box::new(error)))?;
        let mut body: Map<String, Value> = match members {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let kind = body.remove(TYPE).and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
        Ok(Intent { id: self.id, by: self.by, at: self.at, kind, body })
    }
}

const TYPE: &str = "type";

/// Notes the work, does it, forgets it.
pub(crate) async fn carry_out(app: &App, by: UserId, kind: IntentKind) -> Result<(), AppError> {
    let at = app.now();
    let intent = Known { id: IntentId::mint(at, app.random().next_u64()), by, at, kind };
    app.store().intents.put(&intent.noted()?).await?;
    Run { app, intent: &intent, is_first: true }.all().await?;
    Ok(app.store().intents.done(intent.id).await?)
}

/// Does noted work again from the start, and forgets it. What had come to its end and only was not forgotten
/// is left alone: to do it again would undo what others did since.
pub(crate) async fn finish(app: &App, intent: &Known) -> Result<(), AppError> {
    if !has_ended(app, intent).await? {
        Run { app, intent, is_first: false }.all().await?;
    }
    Ok(app.store().intents.done(intent.id).await?)
}

/// Whether the last step of an earlier attempt is in the log of its chat.
async fn has_ended(app: &App, intent: &Known) -> Result<bool, AppError> {
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
    intent: &'a Known,
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
        let effect = ChangeKind::MemberChanged(user).into();
        let change = NewChange { effect, actor: self.intent.by, at: self.app.now(), if_cseq: None };
        self.app.store().log_writer.write(chat, Wish::Note(change)).await?;
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
        let client_id = ClientId::try_from(self.intent.id.to_string())?;
        let random = self.app.random().next_u64();
        let said = NewMessage::text(self.intent.by, client_id, text.to_owned(), self.app.now(), random);
        let message = NewMessage { kind, subject, change: Some(change.into()), ..said };
        self.app.store().log_writer.write(chat, Wish::Append(message)).await?;
        Ok(())
    }
}
