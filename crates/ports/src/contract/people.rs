#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ExternalId, Person, ServerRole};

use super::world::{name, person, unknown, user, username};
use crate::{PersonCreated, Store};

async fn made(store: &Store, short: &str, full: &str) -> Person {
    let person = person(short, full);
    assert_eq!(store.people.create(&person).await.expect("makes"), PersonCreated::Done);
    person
}

pub async fn a_person_is_found_by_id_and_username(store: Store) {
    let ada = made(&store, "ada", "Ada Holm").await;
    assert_eq!(store.people.get(ada.id).await.expect("reads"), Some(ada.clone()));
    assert_eq!(store.people.find_by_username(&ada.username).await.expect("reads"), Some(ada));
    assert_eq!(store.people.get(user()).await.expect("reads"), None);
    assert_eq!(store.people.find_by_username(&username("nobody")).await.expect("reads"), None);
}

pub async fn a_username_has_one_person(store: Store) {
    let tries = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.people.create(&person("ada", "Ada")).await.expect("answers") })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("ends well") {
            PersonCreated::Done => done += 1,
            PersonCreated::UsernameTaken => {}
            PersonCreated::AlreadySo => panic!("these are different people"),
        }
    }
    assert_eq!(done, 1);
}

pub async fn creating_twice_changes_nothing(store: Store) {
    let ada = made(&store, "ada", "Ada").await;
    let again = Person { name: name("Other"), ..ada.clone() };
    assert_eq!(store.people.create(&again).await.expect("answers"), PersonCreated::AlreadySo);
    assert_eq!(store.people.get(ada.id).await.expect("reads"), Some(ada));
}

pub async fn many_are_found_at_once(store: Store) {
    let (ada, bo) = (made(&store, "ada", "Ada").await, made(&store, "bo", "Bo").await);
    let mut found = store.people.get_many(&[bo.id, user(), ada.id, bo.id]).await.expect("reads");
    found.sort_by_key(|person| person.username.clone());
    assert_eq!(found, [ada, bo]);
    assert_eq!(store.people.get_many(&[]).await.expect("reads"), []);
}

pub async fn a_profile_is_changed_in_part(store: Store) {
    let ada = made(&store, "ada", "Ada Holm").await;
    let renamed = store.people.update(ada.id, Some(&name("Ada Berg")), None).await.expect("changes");
    assert_eq!(renamed, Some(Person { name: name("Ada Berg"), ..ada.clone() }));
    let promoted = store.people.update(ada.id, None, Some(ServerRole::Admin)).await.expect("changes");
    assert_eq!(promoted, Some(Person { name: name("Ada Berg"), role: ServerRole::Admin, ..ada.clone() }));
    assert_eq!(store.people.update(user(), None, None).await.expect("answers"), None);
    assert_eq!(found(&store, "ho").await, Vec::<String>::new(), "the old name finds nobody");
    assert_eq!(found(&store, "be").await, ["ada"]);
}

pub async fn a_link_stays_with_its_first_person(store: Store) {
    let external = ExternalId { issuer: "https://one.example".into(), subject: "s".into() };
    let other = ExternalId { issuer: "https://two.example".into(), subject: "s".into() };
    let (ada, bo) = (user(), user());
    assert_eq!(store.people.find_by_external(&external).await.expect("reads"), None);
    assert_eq!(store.people.link(&external, ada).await.expect("links"), ada);
    assert_eq!(store.people.link(&external, bo).await.expect("answers"), ada);
    assert_eq!(store.people.find_by_external(&external).await.expect("reads"), Some(ada));
    assert_eq!(store.people.link(&other, bo).await.expect("links"), bo);
}

async fn found(store: &Store, prefix: &str) -> Vec<String> {
    let found = store.people.list_by_prefix(prefix, None, 50).await.expect("reads");
    found.into_iter().map(|(_, person)| person.username.to_string()).collect()
}

pub async fn people_are_found_by_any_word_of_their_name(store: Store) {
    made(&store, "nf", "Nadia Ferrand").await;
    made(&store, "elif", "Élif Novák").await;
    for (prefix, expected) in
        [("nad", vec!["nf"]), ("fer", vec!["nf"]), ("nf", vec!["nf"]), ("él", vec!["elif"])]
    {
        assert_eq!(found(&store, prefix).await, expected, "{prefix}");
    }
    assert_eq!(found(&store, "n").await, ["nf", "elif"], "ordered by the word that was found");
    for nothing in ["zz", "nadiax", "%", "_", "na%"] {
        assert_eq!(found(&store, nothing).await, Vec::<String>::new(), "{nothing}");
    }
}

pub async fn each_person_comes_once(store: Store) {
    made(&store, "anna", "Anna Anderson").await;
    made(&store, "an", "An An").await;
    assert_eq!(found(&store, "an").await, ["an", "anna"]);
}

pub async fn pages_of_people_walk_everybody_once(store: Store) {
    for n in 0..11 {
        made(&store, &format!("p{n:02}"), "Same Name").await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.people.list_by_prefix("s", after.as_ref(), 4).await.expect("reads");
        let Some((position, _)) = page.last() else { break };
        after = Some(position.clone());
        seen.extend(page.into_iter().map(|(_, person)| person.id));
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((all, seen.len()), (11, 11));
}

pub async fn the_empty_prefix_finds_everybody(store: Store) {
    made(&store, "bo", "Zed").await;
    made(&store, "ada", "Ada").await;
    assert_eq!(found(&store, "").await, ["ada", "bo"]);
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let ada = Person { role: unknown("role_9"), ..person("ada", "Ada") };
    assert_eq!(store.people.create(&ada).await.expect("creates"), PersonCreated::Done);
    assert_eq!(store.people.get(ada.id).await.expect("reads"), Some(ada.clone()));
    let renamed = store.people.update(ada.id, Some(&name("Ada Berg")), None).await.expect("changes");
    assert_eq!(renamed, Some(Person { name: name("Ada Berg"), ..ada }));
    assert_eq!(found(&store, "").await, ["ada"], "one person does not spoil the list");
}
