//! Work in several steps. It is noted before its first step and forgotten after its last. Whoever finds it unfinished may
//! do it late, again, and beside others: nothing of it undoes what others did since.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, Head, IntentId, MemberRecord, MemberRole, Named, Timestamp,
    UserId,
};
use petit_ports::Intent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{App, AppError, rulings, unfinished};

/// The kinds of work in several steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum IntentKind {
    /// Make a chat with its first members.
    CreateChat { chat: ChatId, kind: ChatKind, name: Option<ChatName>, members: Vec<(UserId, MemberRole)> },
    /// Have members and name of a chat follow its log. The other names are those of an older version, which did what
    /// they say first and numbered it afterwards: as far as it came, it stands, and it is not done again.
    #[serde(alias = "add_member", alias = "remove_member", alias = "set_role", alias = "rename_chat")]
    Settle { chat: ChatId },
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

async fn noted(app: &App, by: UserId, kind: IntentKind) -> Result<Known, AppError> {
    unfinished::expect(app).await?;
    let at = app.now();
    let intent = Known { id: IntentId::mint(at, app.random().next_u64()), by, at, kind };
    app.store().intents.put(&intent.noted()?).await?;
    Ok(intent)
}

/// Notes work that is done elsewhere.
pub(crate) async fn note(app: &App, by: UserId, kind: IntentKind) -> Result<IntentId, AppError> {
    Ok(noted(app, by, kind).await?.id)
}

/// Notes the work, does it, forgets it.
pub(crate) async fn carry_out(app: &App, by: UserId, kind: IntentKind) -> Result<(), AppError> {
    finish(app, &noted(app, by, kind).await?).await
}

/// Does noted work from the start, and forgets it.
pub(crate) async fn finish(app: &App, intent: &Known) -> Result<(), AppError> {
    match &intent.kind {
        IntentKind::CreateChat { chat, kind, name, members } => {
            create_chat(app, intent, (*chat, *kind, name.clone()), members).await?;
        }
        IntentKind::Settle { chat } => {
            rulings::settle(app.store(), *chat).await?;
        }
    }
    Ok(app.store().intents.done(intent.id).await?)
}

/// Chat and members are made together, once: who went since stays away.
async fn create_chat(
    app: &App,
    intent: &Known,
    (id, kind, name): (ChatId, ChatKind, Option<ChatName>),
    members: &[(UserId, MemberRole)],
) -> Result<(), AppError> {
    let (created_by, created_at) = (intent.by, intent.at);
    let (head, last_message_at) = (Head::EMPTY, created_at);
    let record =
        ChatRecord { id, kind, name, created_by, created_at, head, last_message_at, member_count: 0 };
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
