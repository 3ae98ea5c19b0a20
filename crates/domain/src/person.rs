use serde::{Deserialize, Serialize};

use crate::{DisplayName, UserId, Username, named::named};

named! {
    /// What a person may do on the whole server. One that is not known here may do what a member may.
    ServerRole, "role_" {
        /// Talks.
        Member = 0 "member",
        /// Also invites people and manages them.
        Admin = 1 "admin",
        /// Also manages admins.
        Owner = 2 "owner",
    }
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
