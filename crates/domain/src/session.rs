use crate::{SessionId, Timestamp, UserId, named::named};

/// SHA-256 of a session's secret. The secret itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

named! {
    /// How a session is used.
    SessionKind, "kind_" {
        /// A cookie in a browser.
        Browser = 0 "browser",
        /// A bearer token of a program.
        Token = 1 "token",
    }
}

/// One signed-in device or one bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Public name of the session, used to revoke it.
    pub id: SessionId,
    /// Hash of the secret that proves it.
    pub token_hash: TokenHash,
    /// Whose it is.
    pub user: UserId,
    /// Browser or program.
    pub kind: SessionKind,
    /// What the person recognises it by, such as the browser's name.
    pub label: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends by itself; `None` means never.
    pub expires_at: Option<Timestamp>,
    /// When it was ended by hand.
    pub revoked_at: Option<Timestamp>,
    /// What the identity provider calls the session it began with (`sid`), if it said so. The provider may
    /// end it by that name.
    pub provider_session: Option<String>,
}

impl Session {
    /// Whether the session still counts at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
