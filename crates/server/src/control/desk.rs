use std::{net::SocketAddr, sync::Arc};

use petit_app::{AppError, sessions};
use petit_domain::{Person, ServerRole, SessionKind, Username};
use petit_provider::{Provider, accounts};

use super::{Answer, Reply, ServerRoleName, Task, UserRow};
use crate::{backup, doctor, installation::Installation};

const SECONDS_A_DAY: i64 = 24 * 3600;

/// Does tasks, in the server or without one.
pub struct Desk {
    installation: Arc<Installation>,
    listening: Option<SocketAddr>,
}

impl Desk {
    /// `listening` is where the server answers, if there is one.
    pub fn new(installation: Arc<Installation>, listening: Option<SocketAddr>) -> Self {
        Self { installation, listening }
    }

    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Does one task.
    pub async fn perform(&self, task: Task) -> Reply {
        match task {
            Task::AddUser { username, name, role, password } => {
                self.add_user(&username, name, role, password).await
            }
            Task::ListUsers => self.list_users().await,
            Task::ResetUser { username } => self.reset_user(username).await,
            Task::CreateToken { username, label, days } => self.create_token(&username, &label, days).await,
            Task::Examine => {
                Ok(Answer::Examined { findings: doctor::examine(&self.installation, self.listening).await })
            }
            Task::BackUp { folder } => {
                let manifest =
                    backup::write(&self.installation, &folder).await.map_err(|e| format!("{e:#}"))?;
                Ok(Answer::BackedUp { files: manifest.files.len(), bytes: manifest.bytes() })
            }
        }
    }

    async fn add_user(
        &self,
        username: &str,
        name: Option<String>,
        role: ServerRoleName,
        password: Option<String>,
    ) -> Reply {
        let name = name.unwrap_or_else(|| username.to_owned());
        let added = accounts::add(self.provider()?, username, &name, password, role.into()).await;
        let (person, password) = added.map_err(told)?;
        let (username, role) = (person.username.to_string(), person.role.as_str().to_owned());
        Ok(Answer::UserAdded { username, role, password })
    }

    async fn list_users(&self) -> Reply {
        let users = match &self.installation.provider {
            Some(provider) => {
                accounts::list(provider).await.map_err(told)?.into_iter().map(UserRow::from).collect()
            }
            None => self.everybody().await?.into_iter().map(UserRow::from).collect(),
        };
        Ok(Answer::Users { users })
    }

    /// Everybody who ever signed in at the outside provider.
    async fn everybody(&self) -> Result<Vec<Person>, String> {
        const PAGE: usize = 200;
        let people = &self.installation.app.store().people;
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page =
                people.list_by_prefix("", after.as_ref(), PAGE).await.map_err(|error| error.to_string())?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|(position, _)| position.clone());
            found.extend(page.into_iter().map(|(_, person)| person));
            if is_last {
                return Ok(found);
            }
        }
    }

    async fn reset_user(&self, username: String) -> Reply {
        let reset = accounts::reset(self.provider()?, &username).await;
        let password = reset.map_err(|error| not_there(error, &username))?;
        Ok(Answer::PasswordReset { username, password })
    }

    async fn create_token(&self, username: &str, label: &str, days: Option<u32>) -> Reply {
        let app = &self.installation.app;
        let parsed = Username::try_from(username).map_err(|invalid| invalid.to_string())?;
        let found = app.store().people.find_by_username(&parsed).await.map_err(|error| told(error.into()))?;
        let person = found.ok_or_else(|| nobody(username))?;
        let lifetime_s = days.map(|days| i64::from(days) * SECONDS_A_DAY);
        let created = sessions::create(app, person.id, SessionKind::Token, label, lifetime_s).await;
        let (_, token) = created.map_err(told)?;
        Ok(Answer::TokenCreated { token })
    }

    fn provider(&self) -> Result<&Provider, String> {
        let outside = || "accounts are kept by the configured identity provider, not here".to_owned();
        self.installation.provider.as_deref().ok_or_else(outside)
    }
}

fn nobody(username: &str) -> String {
    format!("nobody is called {username:?}; see petit user list")
}

fn not_there(error: AppError, username: &str) -> String {
    match error {
        AppError::NotFound => nobody(username),
        error => told(error),
    }
}

/// What the command line may know, which is more than a stranger may: the cause, too.
fn told(error: AppError) -> String {
    match std::error::Error::source(&error) {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

impl From<ServerRoleName> for ServerRole {
    fn from(role: ServerRoleName) -> Self {
        match role {
            ServerRoleName::Member => Self::Member,
            ServerRoleName::Admin => Self::Admin,
            ServerRoleName::Owner => Self::Owner,
        }
    }
}

impl From<Person> for UserRow {
    fn from(person: Person) -> Self {
        Self { username: person.username.into(), name: person.name.into(), role: person.role.as_str().into() }
    }
}

impl From<accounts::AccountSummary> for UserRow {
    fn from(account: accounts::AccountSummary) -> Self {
        Self {
            username: account.username.into(),
            name: account.name.into(),
            role: account.role.as_str().into(),
        }
    }
}
