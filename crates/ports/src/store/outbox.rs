use async_trait::async_trait;
use petit_domain::{ChatId, ChatKind, ChatName, IntentId, MemberRole, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// Work in several steps that must be finished once it is begun. Every step may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Names the work; its steps derive their client ids from it.
    pub id: IntentId,
    /// Who wanted it.
    pub by: UserId,
    /// When it was begun.
    pub at: Timestamp,
    /// What is to be done.
    pub kind: IntentKind,
}

/// The kinds of work in several steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum IntentKind {
    /// Make a chat and put its first members in.
    CreateChat {
        /// Its id.
        chat: ChatId,
        /// Its kind.
        kind: ChatKind,
        /// Its name, unless direct.
        name: Option<ChatName>,
        /// Who is in it from the start, with roles.
        members: Vec<(UserId, MemberRole)>,
    },
    /// Put somebody in and say so in the timeline.
    AddMember {
        /// Where.
        chat: ChatId,
        /// Whom.
        user: UserId,
        /// As what.
        role: MemberRole,
    },
    /// Take somebody out and say so in the timeline. If no owner is left, `heir` becomes one.
    RemoveMember {
        /// Where.
        chat: ChatId,
        /// Whom.
        user: UserId,
        /// Who owns the chat afterwards, if the last owner goes.
        heir: Option<UserId>,
    },
    /// Change a role and number the change.
    SetRole {
        /// Where.
        chat: ChatId,
        /// Whose.
        user: UserId,
        /// What they become.
        role: MemberRole,
    },
    /// Rename the chat and say so in the timeline.
    RenameChat {
        /// Which.
        chat: ChatId,
        /// Its new name.
        name: ChatName,
    },
}

/// Work that was begun and not finished.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Notes work before its first step. Noting it again changes nothing.
    async fn put(&self, intent: &Intent) -> Result<(), StoreError>;

    /// Forgets work after its last step. Forgetting it again changes nothing.
    async fn done(&self, intent: IntentId) -> Result<(), StoreError>;

    /// Unfinished work that was begun before `before`, oldest first.
    async fn pending(&self, before: Timestamp, limit: usize) -> Result<Vec<Intent>, StoreError>;
}
