use anyhow::{Context, Result};
use petit_app::{App, Caller};
use petit_domain::{ServerRole, SessionId, UserId, Username};
use petit_provider::{Provider, accounts};

/// Alice first: the first account owns the server.
const PEOPLE: [(&str, &str); 3] =
    [("alice", "Alice Marlow"), ("bob", "Bob Tanaka"), ("carol", "Carol Quist")];

/// The people of the story.
pub struct Cast(Vec<(&'static str, UserId)>);

impl Cast {
    /// Somebody acting. There is no session behind it: nobody is signed in yet.
    pub fn of(&self, username: &str) -> Caller {
        let found = self.0.iter().find(|(name, _)| *name == username);
        let (_, user) = found.expect("stories name people of the cast");
        Caller { user: *user, session: SessionId::from_uuid(user.uuid()) }
    }
}

/// Finds or makes them, with the passwords they were made with. A password follows from the
/// installation's secret: it can be printed again, and nobody elsewhere knows it.
pub async fn gather(app: &App, provider: &Provider) -> Result<(Cast, Vec<(&'static str, String)>)> {
    let (mut cast, mut passwords) = (Vec::new(), Vec::new());
    for (username, name) in PEOPLE {
        let password = password(app, username);
        cast.push((username, find_or_make(app, provider, username, name, &password).await?));
        passwords.push((username, password));
    }
    Ok((Cast(cast), passwords))
}

async fn find_or_make(
    app: &App,
    provider: &Provider,
    username: &str,
    name: &str,
    password: &str,
) -> Result<UserId> {
    if let Some(person) = app.store().people.find_by_username(&Username::try_from(username)?).await? {
        return Ok(person.id);
    }
    let made = accounts::add(provider, username, name, Some(password.to_owned()), ServerRole::Member).await;
    Ok(made.with_context(|| username.to_owned())?.0.id)
}

fn password(app: &App, username: &str) -> String {
    let token = app.sign("password of the demo", username.as_bytes());
    let (_, tag) = token.split_once('.').unwrap_or(("", &token));
    let letters: String = tag
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .take(12)
        .collect();
    letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}
