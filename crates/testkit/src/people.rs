use petit_app::{App, people, sessions};
use petit_domain::{ExternalId, Person, ServerRole, Session, SessionKind};

/// A person who is signed in with a bearer token.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// Who.
    pub person: Person,
    /// Their session.
    pub session: Session,
    /// The session's secret.
    pub token: String,
}

/// Makes a person and signs them in.
pub(crate) async fn arrive(app: &App, username: &str, role: ServerRole) -> Somebody {
    let external = ExternalId { issuer: "test".to_owned(), subject: username.to_owned() };
    let name = capitalized(username);
    let person = people::ensure(app, &external, username, &name, role).await.expect("a person");
    let (session, token) =
        sessions::create(app, person.id, SessionKind::Token, "test", None).await.expect("a session");
    Somebody { person, session, token }
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
