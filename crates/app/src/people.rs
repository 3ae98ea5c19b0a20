//! People: finding them, and their profiles.

use petit_domain::{
    DisplayName, Event, ExternalId, Fresh, Page, PageLimit, Person, ServerRole, UserId, Username, fold,
};
use petit_ports::{Announcement, PersonCreated, PersonPosition, Subject};

use crate::{App, AppError, Caller, cursor};

/// The person, if they exist.
pub async fn get(app: &App, user: UserId) -> Result<Person, AppError> {
    app.store().people.get(user).await?.ok_or(AppError::NotFound)
}

/// Those of `users` who exist, in any order.
pub async fn get_many(app: &App, users: &[UserId]) -> Result<Vec<Person>, AppError> {
    Ok(app.store().people.get_many(users).await?)
}

/// People with a word in their name or username that begins with `prefix`.
pub async fn list(
    app: &App,
    prefix: &str,
    limit: PageLimit,
    cursor: Option<&str>,
) -> Result<Page<Person>, AppError> {
    let list = format!("people:{prefix}");
    let after: Option<PersonPosition> = cursor::read(app, &list, cursor)?;
    let prefix = fold(prefix.trim());
    let found = app.store().people.list_by_prefix(&prefix, after.as_ref(), limit.get() + 1).await?;
    let page = cursor::page(app, &list, found, limit.get(), |(position, _)| position.clone());
    Ok(cursor::mapped(page, |(_, person)| person))
}

/// Changes the caller's own profile.
pub async fn update_profile(app: &App, caller: &Caller, name: &DisplayName) -> Result<Person, AppError> {
    let before = get(app, caller.user).await?;
    if &before.name == name {
        return Ok(before);
    }
    update(app, caller.user, Some(name), None).await
}

/// Writes, then tells the person's own screens and those who watch them.
async fn update(
    app: &App,
    user: UserId,
    name: Option<&DisplayName>,
    role: Option<ServerRole>,
) -> Result<Person, AppError> {
    let person = app.store().people.update(user, name, role).await?.ok_or(AppError::NotFound)?;
    let announcement = Announcement::new(Event::PersonUpdated { person: person.clone() });
    app.publish(Subject::User(user), announcement.clone()).await;
    app.publish(Subject::Presence(user), announcement).await;
    Ok(person)
}

/// Known by an address that a provider has verified, whichever provider it was.
const VERIFIED_EMAIL: &str = "verified e-mail";

/// Makes sure that whoever signs in for the first time and was known by the same verified address before is
/// the same person, and remembers the address for the next time. Whose the address is stays as it is.
pub async fn link_by_email(app: &App, external: &ExternalId, verified: &str) -> Result<(), AppError> {
    let people = &app.store().people;
    let email = ExternalId { issuer: VERIFIED_EMAIL.to_owned(), subject: fold(verified.trim()) };
    match people.find_by_external(external).await? {
        Some(user) => people.link(&email, user).await?,
        None => {
            let candidate = UserId::mint(app.now(), app.random().next_u64());
            let user = people.link(&email, candidate).await?;
            people.link(external, user).await?
        }
    };
    Ok(())
}

/// The person an identity provider speaks of: found, or made at their first sign-in.
pub async fn ensure(
    app: &App,
    external: &ExternalId,
    username: &str,
    name: &str,
    role: ServerRole,
) -> Result<Person, AppError> {
    let linked = match app.store().people.find_by_external(external).await? {
        Some(user) => user,
        None => {
            let candidate = UserId::mint(app.now(), app.random().next_u64());
            app.store().people.link(external, candidate).await?
        }
    };
    match app.store().people.get(linked).await? {
        Some(person) if person.role == role => Ok(person),
        Some(_) => update(app, linked, None, Some(role)).await,
        None => create(app, linked, username, name, role).await,
    }
}

/// Makes the person; a taken username gets a number.
async fn create(
    app: &App,
    id: UserId,
    username: &str,
    name: &str,
    role: ServerRole,
) -> Result<Person, AppError> {
    let wanted = valid_username(username);
    let name = valid_name(name).or_else(|| valid_name(username)).or_else(|| valid_name(&wanted));
    let name = name.ok_or(AppError::NotFound)?;
    for number in 1..10_000 {
        let username = numbered(&wanted, number)?;
        if username.check().is_err() {
            continue;
        }
        let person = Person { id, username, name: name.clone(), role };
        match app.store().people.create(&person).await? {
            PersonCreated::Done => return Ok(person),
            PersonCreated::AlreadySo => return get(app, id).await,
            PersonCreated::UsernameTaken => {}
        }
    }
    Err(AppError::conflict("username_taken", "Too many people have this username."))
}

/// The name as a provider has it, if people may be called so here.
fn valid_name(name: &str) -> Option<DisplayName> {
    let line: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    DisplayName::try_from(line).ok().filter(|name| name.check().is_ok())
}

fn valid_username(wanted: &str) -> String {
    let local = wanted.split('@').next().unwrap_or_default();
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let plain: String = fold(local).chars().filter(allowed).take(28).collect();
    let plain = plain.trim_start_matches(['.', '_', '-']);
    if plain.len() >= 2 { plain.to_owned() } else { format!("user{plain}") }
}

fn numbered(wanted: &str, number: u32) -> Result<Username, AppError> {
    let text = if number == 1 { wanted.to_owned() } else { format!("{wanted}{number}") };
    Ok(Username::try_from(text)?)
}
