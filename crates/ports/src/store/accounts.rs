use async_trait::async_trait;
use petit_domain::{DisplayName, ServerRole, Timestamp, UserId, Username};

use super::{Change, StoreError};

/// An account of the built-in identity provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's stable name for the person (`sub`). By choice the same as the person's id.
    pub subject: UserId,
    /// What they type to sign in.
    pub username: Username,
    /// What the provider says they are called.
    pub name: DisplayName,
    /// What the provider says they may do.
    pub role: ServerRole,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("subject", &self.subject)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// How creating an account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountCreated {
    /// The account is new.
    Done,
    /// An account of this subject exists; nothing was written.
    AlreadySo,
    /// Another account has the username; nothing was written.
    UsernameTaken,
}

/// A link that lets one person make an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of the link's secret.
    pub token_hash: [u8; 32],
    /// What the new account may do.
    pub role: ServerRole,
    /// Who made the link; `None` for the server itself.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None` means never.
    pub expires_at: Option<Timestamp>,
    /// Whose account it made.
    pub used_by: Option<UserId>,
}

/// How redeeming an invitation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It is now used by the given account, which gets this role. A repeat for the same account is this too.
    Done(ServerRole),
    /// Another account used it, it has expired, or it never was.
    Refused,
}

/// Accounts and invitations of the built-in identity provider.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Creates an account and takes the username for it. Of several at once with one username, one wins.
    async fn create(&self, account: &Account) -> Result<AccountCreated, StoreError>;

    /// The account with this username.
    async fn find(&self, username: &Username) -> Result<Option<Account>, StoreError>;

    /// The account of this subject.
    async fn get(&self, subject: UserId) -> Result<Option<Account>, StoreError>;

    /// Replaces the password's hash. `AlreadySo` if there is no such account.
    async fn set_password(&self, subject: UserId, password_hash: &str) -> Result<Change, StoreError>;

    /// Accounts ordered by username, those after `after`.
    async fn list(&self, after: Option<&Username>, limit: usize) -> Result<Vec<Account>, StoreError>;

    /// Keeps an invitation. Putting one again changes nothing.
    async fn invite(&self, invitation: &Invitation) -> Result<Change, StoreError>;

    /// The invitation with this hash.
    async fn find_invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError>;

    /// Gives an invitation to one account. Of several at once, one wins.
    async fn redeem(
        &self,
        token_hash: &[u8; 32],
        subject: UserId,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError>;
}
