use serde::{Deserialize, Serialize};

use crate::{DisplayName, UserId, Username};

/// What a person may do on the whole server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    /// Talks.
    Member,
    /// Also invites people and manages them.
    Admin,
    /// Also manages admins.
    Owner,
}

/// Somebody who talks here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Stable for ever.
    pub id: UserId,
    /// Unique on the server.
    pub username: Username,
    /// Shown on screens.
    pub name: DisplayName,
    /// What they may do on the whole server.
    pub role: ServerRole,
}

/// Who an identity provider says somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalId {
    /// The provider: its issuer address, or `builtin`.
    pub issuer: String,
    /// The provider's own stable name for the person.
    pub subject: String,
}
