//! Work in several steps. It is noted before its first step and forgotten after its last. Whoever finds it unfinished may
//! do it late, again, and beside others: nothing of it undoes what others did since.

use petit_domain::{ChatId, ChatKind, ChatName, IntentId, MemberRole, Named, Timestamp, UserId};
use petit_ports::Intent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{App, AppError, lookout};

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
    /// Have a message show its reactions as their set has them.
    TellReactions { chat: ChatId, seq: i64 },
    /// Have a message say whether it is pinned.
    TellPin { chat: ChatId, seq: i64 },
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

    pub(crate) const fn by(&self) -> UserId {
        self.by
    }

    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) const fn kind(&self) -> &IntentKind {
        &self.kind
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

pub(crate) async fn noted(app: &App, by: UserId, kind: IntentKind) -> Result<Known, AppError> {
    lookout::expect(app).await?;
    let at = app.now();
    let intent = Known { id: IntentId::mint(at, app.random().next_u64()), by, at, kind };
    app.store().intents.put(&intent.noted()?).await?;
    Ok(intent)
}

/// Notes work that is done elsewhere.
pub(crate) async fn note(app: &App, by: UserId, kind: IntentKind) -> Result<IntentId, AppError> {
    Ok(noted(app, by, kind).await?.id)
}
