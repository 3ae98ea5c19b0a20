use std::collections::BTreeSet;

use async_trait::async_trait;
use petit_domain::{DisplayName, ExternalId, Person, ServerRole, UserId, Username, fold};
use petit_ports::{PeopleStore, PersonCreated, PersonPosition, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, params, params_from_iter};

use crate::{
    row::{self, PERSON, server_role_code},
    store::SqliteStore,
};

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn create(&self, person: &Person) -> Result<PersonCreated, StoreError> {
        let person = person.clone();
        self.write(move |writing| create(writing.connection, &person)).await
    }

    async fn get(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        self.read(|connection| find(connection, user))
    }

    async fn get_many(&self, users: &[UserId]) -> Result<Vec<Person>, StoreError> {
        let users: BTreeSet<UserId> = users.iter().copied().collect();
        self.read(|connection| {
            users.into_iter().filter_map(|user| find(connection, user).transpose()).collect()
        })
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Person>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("SELECT {PERSON} FROM people WHERE username = ?1"))?
                .query_row([username.as_str()], row::person)
                .optional()
        })
    }

    async fn link(&self, external: &ExternalId, user: UserId) -> Result<UserId, StoreError> {
        let external = external.clone();
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached("INSERT INTO external_ids (issuer, subject, user_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![external.issuer, external.subject, user.uuid().into_bytes()])?;
            linked(writing.connection, &external).map(|linked| linked.unwrap_or(user))
        })
        .await
    }

    async fn find_by_external(&self, external: &ExternalId) -> Result<Option<UserId>, StoreError> {
        self.read(|connection| linked(connection, external))
    }

    async fn update(
        &self,
        user: UserId,
        name: Option<&DisplayName>,
        role: Option<ServerRole>,
    ) -> Result<Option<Person>, StoreError> {
        let name = name.cloned();
        self.write(move |writing| update(writing.connection, user, name.as_ref(), role)).await
    }

    async fn list_by_prefix(
        &self,
        prefix: &str,
        after: Option<&PersonPosition>,
        limit: usize,
    ) -> Result<Vec<(PersonPosition, Person)>, StoreError> {
        self.read(|connection| list(connection, prefix, after, limit))
    }
}

fn find(connection: &Connection, user: UserId) -> Result<Option<Person>> {
    connection
        .prepare_cached(&format!("SELECT {PERSON} FROM people WHERE user_id = ?1"))?
        .query_row([user.uuid().into_bytes()], row::person)
        .optional()
}

fn linked(connection: &Connection, external: &ExternalId) -> Result<Option<UserId>> {
    connection
        .prepare_cached("SELECT user_id FROM external_ids WHERE issuer = ?1 AND subject = ?2")?
        .query_row([&external.issuer, &external.subject], |found| row::user(found, 0))
        .optional()
}

fn create(connection: &Connection, person: &Person) -> Result<PersonCreated> {
    if find(connection, person.id)?.is_some() {
        return Ok(PersonCreated::AlreadySo);
    }
    let inserted = connection
        .prepare_cached("INSERT INTO people (user_id, username, name, role) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![
            person.id.uuid().into_bytes(),
            person.username.as_str(),
            person.name.as_str(),
            server_role_code(person.role)
        ])?;
    if inserted == 0 {
        return Ok(PersonCreated::UsernameTaken);
    }
    put_words(connection, person)?;
    Ok(PersonCreated::Done)
}

fn update(
    connection: &Connection,
    user: UserId,
    name: Option<&DisplayName>,
    role: Option<ServerRole>,
) -> Result<Option<Person>> {
    let Some(mut person) = find(connection, user)? else { return Ok(None) };
    person.name = name.cloned().unwrap_or(person.name);
    person.role = role.unwrap_or(person.role);
    connection
        .prepare_cached("UPDATE people SET name = ?2, role = ?3 WHERE user_id = ?1")?
        .execute(params![user.uuid().into_bytes(), person.name.as_str(), server_role_code(person.role)])?;
    connection
        .prepare_cached("DELETE FROM people_words WHERE user_id = ?1")?
        .execute([user.uuid().into_bytes()])?;
    put_words(connection, &person)?;
    Ok(Some(person))
}

/// The words a person is found by: the username, the whole name, and each word of it.
fn words(person: &Person) -> BTreeSet<String> {
    let name = fold(person.name.as_str());
    let mut words: BTreeSet<String> = name.split_whitespace().map(str::to_owned).collect();
    words.insert(person.username.as_str().to_owned());
    words.insert(name);
    words
}

fn put_words(connection: &Connection, person: &Person) -> Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT INTO people_words (word, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for word in words(person) {
        insert.execute(params![word, person.id.uuid().into_bytes()])?;
    }
    Ok(())
}

/// A person stands at the smallest of their words that begins with the prefix, so each comes once.
fn list(
    connection: &Connection,
    prefix: &str,
    after: Option<&PersonPosition>,
    limit: usize,
) -> Result<Vec<(PersonPosition, Person)>> {
    let (word, user) = match after {
        Some((word, user)) => (word.as_str(), user.uuid().into_bytes()),
        None => (prefix, [0; 16]),
    };
    let sql = "SELECT w.word, p.user_id, p.username, p.name, p.role FROM people_words w \
         JOIN people p ON p.user_id = w.user_id \
         WHERE (w.word, w.user_id) > (?1, ?2) AND w.word >= ?3 AND w.word < ?4 \
         AND w.word = (SELECT min(o.word) FROM people_words o WHERE o.user_id = w.user_id AND o.word >= ?3) \
         ORDER BY w.word, w.user_id LIMIT ?5";
    let beyond = format!("{prefix}\u{10ffff}");
    let values: [&dyn rusqlite::ToSql; 5] = [&word, &user, &prefix, &beyond, &(limit as i64)];
    connection
        .prepare_cached(sql)?
        .query_map(params_from_iter(values), |found| {
            let person = row::person_at(found, 1)?;
            Ok(((found.get(0)?, person.id), person))
        })?
        .collect()
}
