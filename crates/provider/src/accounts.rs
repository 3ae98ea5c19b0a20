//! Accounts as the command line manages them.

use petit_app::{AppError, people, ports::Account, sessions};
use petit_domain::{
    DisplayName, ExternalId, Fresh, Person, ServerRole, SessionKind, Timestamp, UserId, Username,
};

use crate::{
    BUILTIN, Provider,
    passwords::{self, Password},
    registration::{self, Made, NewAccount},
};

/// An account without what must stay inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSummary {
    /// The provider's name for the person.
    pub subject: UserId,
    /// What they type to sign in.
    pub username: Username,
    /// What they are called.
    pub name: DisplayName,
    /// What they may do on the whole server.
    pub role: ServerRole,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Makes an account and its person; gives the password, which is made up unless one is given. The
/// first account is the owner's, whatever `role` says.
///
/// # Errors
/// If a value is not allowed or the username is taken.
pub async fn add(
    provider: &Provider,
    username: &str,
    name: &str,
    password: Option<String>,
    role: ServerRole,
) -> Result<(Person, String), AppError> {
    let (username, name) = (Username::try_from(username)?, DisplayName::try_from(name)?);
    username.check().and_then(|()| name.check())?;
    let text = password.unwrap_or_else(|| passwords::generate(provider.random()));
    let password = Password::chosen(&text, &username)?;
    let role = if registration::is_empty(provider).await? { ServerRole::Owner } else { role };
    let new = NewAccount { username: username.clone(), name: name.clone(), password };
    let Made::Done(subject) = registration::freely(provider, role, new).await? else {
        return Err(AppError::Conflict {
            code: "username_taken",
            detail: format!("Somebody is called {username} already."),
        });
    };
    let person =
        people::ensure(&provider.app, &external(subject), username.as_str(), name.as_str(), role).await?;
    Ok((person, text))
}

/// All accounts, by username.
///
/// # Errors
/// If the store does not answer.
pub async fn list(provider: &Provider) -> Result<Vec<AccountSummary>, AppError> {
    const PAGE: usize = 200;
    let mut found: Vec<AccountSummary> = Vec::new();
    loop {
        let after = found.last().map(|account| account.username.clone());
        let page = provider.app.store().accounts.list(after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE;
        found.extend(page.into_iter().map(AccountSummary::from));
        if is_last {
            return Ok(found);
        }
    }
}

/// Gives an account a new password, which is answered, and signs its browsers out. Bearer tokens stay:
/// they do not come from the password.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn reset(provider: &Provider, username: &str) -> Result<String, AppError> {
    let accounts = &provider.app.store().accounts;
    let account = accounts.find(&Username::try_from(username)?).await?.ok_or(AppError::NotFound)?;
    let text = passwords::generate(provider.random());
    let hash = provider.passwords.hash(Password::typed(&text), provider.random()).await?;
    accounts.set_password(account.subject, &hash).await?;
    sign_browsers_out(provider, account.subject).await?;
    Ok(text)
}

async fn sign_browsers_out(provider: &Provider, subject: UserId) -> Result<(), AppError> {
    let store = provider.app.store();
    let Some(user) = store.people.find_by_external(&external(subject)).await? else { return Ok(()) };
    for session in store.sessions.list(user).await? {
        if session.kind == SessionKind::Browser {
            sessions::revoke(&provider.app, user, session.id).await?;
        }
    }
    Ok(())
}

/// How the rest of Petit chat knows somebody with an account here.
fn external(subject: UserId) -> ExternalId {
    ExternalId { issuer: BUILTIN.to_owned(), subject: subject.to_string() }
}

impl From<Account> for AccountSummary {
    fn from(account: Account) -> Self {
        let Account { subject, username, name, role, created_at, .. } = account;
        Self { subject, username, name, role, created_at }
    }
}
