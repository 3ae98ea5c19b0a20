use async_trait::async_trait;
use petit_domain::{DisplayName, ExternalId, Person, ServerRole, UserId, Username};

use super::StoreError;

/// How creating a person ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonCreated {
    /// The person is new.
    Done,
    /// A person of this id exists; nothing was written.
    AlreadySo,
    /// Somebody else has the username; nothing was written.
    UsernameTaken,
}

/// A place in a list of people found by prefix: the word that was found, then the person.
pub type PersonPosition = (String, UserId);

/// People.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    /// Creates a person and takes the username for them. Of several at once with one username, one wins.
    async fn create(&self, person: &Person) -> Result<PersonCreated, StoreError>;

    /// The person, if they exist.
    async fn get(&self, user: UserId) -> Result<Option<Person>, StoreError>;

    /// Those of `users` who exist, in any order, each once.
    async fn get_many(&self, users: &[UserId]) -> Result<Vec<Person>, StoreError>;

    /// Who has this username.
    async fn find_by_username(&self, username: &Username) -> Result<Option<Person>, StoreError>;

    /// Links a provider's name for somebody to `user`, unless it is linked already. Answers whom it
    /// belongs to now; of several at once, all get the same answer.
    async fn link(&self, external: &ExternalId, user: UserId) -> Result<UserId, StoreError>;

    /// Whom a provider's name for somebody belongs to.
    async fn find_by_external(&self, external: &ExternalId) -> Result<Option<UserId>, StoreError>;

    /// Sets what is given and leaves the rest. Answers the person as they are now; `None` if there is no such person.
    async fn update(
        &self,
        user: UserId,
        name: Option<&DisplayName>,
        role: Option<ServerRole>,
    ) -> Result<Option<Person>, StoreError>;

    /// People with a word (username, or a word of the name) that begins with `prefix`, which is
    /// folded by [`petit_domain::fold`]. Each person once, at their smallest such word, ordered by
    /// (word, id), those after `after`. The empty prefix finds everybody.
    async fn list_by_prefix(
        &self,
        prefix: &str,
        after: Option<&PersonPosition>,
        limit: usize,
    ) -> Result<Vec<(PersonPosition, Person)>, StoreError>;
}
