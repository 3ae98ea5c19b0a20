use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use petit_domain::{DisplayName, ExternalId, Person, ServerRole, UserId, Username, fold};
use petit_ports::{PeopleStore, PersonCreated, PersonPosition, StoreError};
use uuid::Uuid;

use crate::{
    row::{server_role, server_role_code, value},
    statement::Cql,
    store::ScyllaStore,
};

static CLAIM_NAME: Cql =
    Cql::lwt("INSERT INTO usernames (space, username, user_id) VALUES (?, ?, ?) IF NOT EXISTS");
static NAME: Cql = Cql::read("SELECT user_id FROM usernames WHERE space = ? AND username = ?");
static PUT: Cql =
    Cql::lwt("INSERT INTO users (user_id, username, name, role) VALUES (?, ?, ?, ?) IF NOT EXISTS");
static GET: Cql = Cql::read("SELECT username, name, role FROM users WHERE user_id = ?");
static SET: Cql = Cql::lwt("UPDATE users SET name = ?, role = ? WHERE user_id = ? IF name = ? AND role = ?");
static LINK: Cql =
    Cql::lwt("INSERT INTO external_ids (space, issuer, subject, user_id) VALUES (?, ?, ?, ?) IF NOT EXISTS");
static LINKED: Cql =
    Cql::read("SELECT user_id FROM external_ids WHERE space = ? AND issuer = ? AND subject = ?");
static WORD: Cql = Cql::write("INSERT INTO words (space, head, word, user_id) VALUES (?, ?, ?, ?)");
static UNWORD: Cql =
    Cql::write("DELETE FROM words WHERE space = ? AND head = ? AND word = ? AND user_id = ?");
static HEAD: Cql = Cql::write("INSERT INTO word_heads (space, head) VALUES (?, ?)");
static HEADS: Cql = Cql::read("SELECT head FROM word_heads WHERE space = ?");
static WORDS: Cql = Cql::read(
    "SELECT word, user_id FROM words WHERE space = ? AND head = ? AND (word, user_id) > (?, ?) LIMIT ?",
);

/// How many words are read at once while a page is filled.
const SLICE: i32 = 200;

#[async_trait]
impl PeopleStore for ScyllaStore {
    async fn create(&self, person: &Person) -> Result<PersonCreated, StoreError> {
        if let Some(known) = PeopleStore::get(self, person.id).await? {
            self.put_words(&known).await?;
            return Ok(PersonCreated::AlreadySo);
        }
        let claim = (self.engine.space, person.username.as_str(), person.id.uuid());
        if !self.engine.applies(&CLAIM_NAME, claim).await?
            && self.find_user(&person.username).await? != Some(person.id)
        {
            return Ok(PersonCreated::UsernameTaken);
        }
        let role = server_role_code(person.role);
        let values = (person.id.uuid(), person.username.as_str(), person.name.as_str(), role);
        let is_new = self.engine.applies(&PUT, values).await?;
        self.put_words(person).await?;
        Ok(if is_new { PersonCreated::Done } else { PersonCreated::AlreadySo })
    }

    async fn get(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        let found = self.engine.row::<(String, String, i8)>(&GET, (user.uuid(),)).await?;
        let Some((username, name, role)) = found else { return Ok(None) };
        Ok(Some(Person { id: user, username: value(username)?, name: value(name)?, role: server_role(role) }))
    }

    async fn get_many(&self, users: &[UserId]) -> Result<Vec<Person>, StoreError> {
        let each: BTreeSet<UserId> = users.iter().copied().collect();
        let found = try_join_all(each.into_iter().map(|user| PeopleStore::get(self, user))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Person>, StoreError> {
        match self.find_user(username).await? {
            Some(user) => PeopleStore::get(self, user).await,
            None => Ok(None),
        }
    }

    async fn link(&self, external: &ExternalId, user: UserId) -> Result<UserId, StoreError> {
        let values = (self.engine.space, &external.issuer, &external.subject, user.uuid());
        if self.engine.applies(&LINK, values).await? {
            return Ok(user);
        }
        self.find_by_external(external).await?.ok_or(StoreError::Unavailable(None))
    }

    async fn find_by_external(&self, external: &ExternalId) -> Result<Option<UserId>, StoreError> {
        let values = (self.engine.space, &external.issuer, &external.subject);
        let found = self.engine.row::<(Uuid,)>(&LINKED, values).await?;
        Ok(found.map(|(user,)| UserId::from_uuid(user)))
    }

    async fn update(
        &self,
        user: UserId,
        name: Option<&DisplayName>,
        role: Option<ServerRole>,
    ) -> Result<Option<Person>, StoreError> {
        loop {
            let Some(before) = PeopleStore::get(self, user).await? else { return Ok(None) };
            let after = Person {
                name: name.cloned().unwrap_or_else(|| before.name.clone()),
                role: role.unwrap_or(before.role),
                ..before.clone()
            };
            let old = (before.name.as_str(), server_role_code(before.role));
            let new = (after.name.as_str(), server_role_code(after.role));
            if self.engine.applies(&SET, (new.0, new.1, user.uuid(), old.0, old.1)).await? {
                self.put_words(&after).await?;
                self.drop_words(&before, &after).await?;
                return Ok(Some(after));
            }
        }
    }

    async fn list_by_prefix(
        &self,
        prefix: &str,
        after: Option<&PersonPosition>,
        limit: usize,
    ) -> Result<Vec<(PersonPosition, Person)>, StoreError> {
        let mut page = Vec::new();
        let mut from = after.cloned().unwrap_or_else(|| (String::new(), UserId::from_uuid(Uuid::nil())));
        if from.0.as_str() < prefix {
            from = (prefix.to_owned(), UserId::from_uuid(Uuid::nil()));
        }
        for head in self.heads(prefix).await? {
            if head.as_str() < head_of(&from.0) {
                continue;
            }
            self.fill(&head, prefix, &from, limit, &mut page).await?;
            if page.len() >= limit {
                break;
            }
        }
        page.truncate(limit);
        Ok(page)
    }
}

impl ScyllaStore {
    async fn find_user(&self, username: &Username) -> Result<Option<UserId>, StoreError> {
        let found = self.engine.row::<(Uuid,)>(&NAME, (self.engine.space, username.as_str())).await?;
        Ok(found.map(|(user,)| UserId::from_uuid(user)))
    }

    async fn put_words(&self, person: &Person) -> Result<(), StoreError> {
        let space = self.engine.space;
        for word in words(person) {
            let head = head_of(&word);
            self.engine.run(&HEAD, (space, head)).await?;
            self.engine.run(&WORD, (space, head, &word, person.id.uuid())).await?;
        }
        Ok(())
    }

    /// What is left behind here is not found all the same: a person is asked for their words of now.
    async fn drop_words(&self, before: &Person, after: &Person) -> Result<(), StoreError> {
        for word in words(before).difference(&words(after)) {
            let values = (self.engine.space, head_of(word), word, before.id.uuid());
            self.engine.run(&UNWORD, values).await?;
        }
        Ok(())
    }

    /// The partitions in which words with this prefix may be, in the order of their words.
    async fn heads(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let head = head_of(prefix);
        if prefix.chars().count() >= 2 {
            return Ok(vec![head.to_owned()]);
        }
        let all = self.engine.rows::<(String,)>(&HEADS, (self.engine.space,)).await?;
        let mut heads: Vec<String> = all.into_iter().map(|(head,)| head).collect();
        heads.retain(|known| known.starts_with(prefix));
        heads.sort_unstable();
        Ok(heads)
    }

    /// Adds those of one partition, each person at the smallest of their words that begins so.
    async fn fill(
        &self,
        head: &str,
        prefix: &str,
        from: &PersonPosition,
        limit: usize,
        page: &mut Vec<(PersonPosition, Person)>,
    ) -> Result<(), StoreError> {
        let (mut word, mut user) = (from.0.clone(), from.1.uuid());
        loop {
            let values = (self.engine.space, head, word.as_str(), user, SLICE);
            let slice = self.engine.rows::<(String, Uuid)>(&WORDS, values).await?;
            let users: Vec<UserId> = slice.iter().map(|(_, user)| UserId::from_uuid(*user)).collect();
            let people = self.get_many(&users).await?;
            for (found, id) in &slice {
                let Some(person) = people.iter().find(|person| person.id.uuid() == *id) else { continue };
                let smallest = words(person).into_iter().find(|word| word.starts_with(prefix));
                if found.starts_with(prefix) && smallest.as_ref() == Some(found) {
                    page.push(((found.clone(), person.id), person.clone()));
                }
            }
            match slice.last() {
                Some(last) if slice.len() == SLICE as usize && page.len() < limit => {
                    (word, user) = (last.0.clone(), last.1);
                }
                _ => return Ok(()),
            }
        }
    }
}

/// The first two characters of a word: they choose the partition.
fn head_of(word: &str) -> &str {
    word.char_indices().nth(2).map_or(word, |(end, _)| &word[..end])
}

/// The words a person is found by: the username, the whole name, and each word of it.
fn words(person: &Person) -> BTreeSet<String> {
    let name = fold(person.name.as_str());
    let mut words: BTreeSet<String> = name.split_whitespace().map(str::to_owned).collect();
    words.insert(person.username.as_str().to_owned());
    words.insert(name);
    words
}
