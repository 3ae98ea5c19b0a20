use petit_app::people;
use petit_domain::{ExternalId, Person, ServerRole};
use petit_testkit::TestApp;

async fn ensure(app: &TestApp, subject: &str, username: &str, name: &str, role: ServerRole) -> Person {
    let external = ExternalId { issuer: "elsewhere".to_owned(), subject: subject.to_owned() };
    people::ensure(&app.app, &external, username, name, role).await.expect("a person")
}

#[tokio::test]
async fn whoever_comes_back_is_the_same_person() {
    let app = TestApp::start().await;
    let first = ensure(&app, "1", "dana", "Dana", ServerRole::Member).await;
    let again = ensure(&app, "1", "renamed", "Renamed", ServerRole::Member).await;
    assert_eq!(again, first, "names are theirs to change here");
    let promoted = ensure(&app, "1", "dana", "Dana", ServerRole::Admin).await;
    assert_eq!((promoted.id, promoted.role), (first.id, ServerRole::Admin));
}

#[tokio::test]
async fn a_taken_username_gets_a_number() {
    let app = TestApp::start().await;
    let names = ["1", "2", "3"].map(|subject| ensure(&app, subject, "bob", "Bob", ServerRole::Member));
    let people = futures_util::future::join_all(names).await;
    let mut usernames: Vec<&str> = people.iter().map(|person| person.username.as_str()).collect();
    usernames.sort_unstable();
    assert_eq!(usernames, ["bob2", "bob3", "bob4"]);
}

#[tokio::test]
async fn a_username_that_cannot_be_is_made_into_one_that_can() {
    let app = TestApp::start().await;
    let long = "x".repeat(60);
    let cases = [
        ("Zoë Ångström", "zongstrm"),
        ("dana@example.org", "dana"),
        ("é", "user"),
        ("", "user2"),
        ("._-q", "userq"),
        ("Here", "here2"),
        ("everyone@example.org", "everyone2"),
        (&long, &long[..28]),
    ];
    for (number, (wanted, given)) in cases.into_iter().enumerate() {
        let person = ensure(&app, &number.to_string(), wanted, "Some\nName", ServerRole::Member).await;
        assert_eq!(person.username.as_str(), given, "{wanted}");
        assert_eq!(person.name.as_str(), "SomeName");
    }
    let nameless = ensure(&app, "nameless", "quinn", " \n ", ServerRole::Member).await;
    assert_eq!(nameless.name.as_str(), "quinn");
}

#[tokio::test]
async fn somebody_who_arrives_twice_at_once_is_one_person() {
    let app = TestApp::start().await;
    let arrive = || ensure(&app, "1", "dana", "Dana", ServerRole::Member);
    let (one, other) = futures_util::join!(arrive(), arrive());
    assert_eq!(one.id, other.id);
}

fn known_as(issuer: &str, subject: &str) -> ExternalId {
    ExternalId { issuer: issuer.to_owned(), subject: subject.to_owned() }
}

/// Somebody signs in, with an address that their provider has verified.
async fn signs_in(app: &TestApp, external: &ExternalId, email: Option<&str>) -> Person {
    if let Some(email) = email {
        people::link_by_email(&app.app, external, email).await.expect("linked");
    }
    people::ensure(&app.app, external, "dana", "Dana", ServerRole::Member).await.expect("a person")
}

#[tokio::test]
async fn a_verified_address_makes_the_same_person_at_another_provider() {
    let app = TestApp::start().await;
    let (old, new) = (known_as("old", "1"), known_as("new", "9"));
    let dana = signs_in(&app, &old, Some("Dana@Example.org")).await;
    assert_eq!(signs_in(&app, &new, Some(" dana@example.org")).await, dana, "however it is written");
    assert_eq!(signs_in(&app, &new, None).await, dana, "and from then on without it");
    let other = signs_in(&app, &known_as("new", "10"), Some("other@example.org")).await;
    assert_ne!(other.id, dana.id);
}

#[tokio::test]
async fn without_a_verified_address_nobody_becomes_somebody_else() {
    let app = TestApp::start().await;
    let dana = signs_in(&app, &known_as("old", "1"), Some("dana@example.org")).await;
    let stranger = signs_in(&app, &known_as("new", "9"), None).await;
    assert_ne!(stranger.id, dana.id, "the same name is not the same person");
    // Whoever is known already stays who they are, even if they show somebody else's address later.
    assert_eq!(signs_in(&app, &known_as("new", "9"), Some("dana@example.org")).await.id, stranger.id);
    assert_eq!(signs_in(&app, &known_as("third", "3"), Some("dana@example.org")).await.id, dana.id);
}

#[tokio::test]
async fn two_first_sign_ins_at_once_with_one_address_are_one_person() {
    let app = TestApp::start().await;
    let (one, other) = (known_as("a", "1"), known_as("b", "2"));
    let email = Some("dana@example.org");
    let (first, second) = tokio::join!(signs_in(&app, &one, email), signs_in(&app, &other, email));
    assert_eq!(first.id, second.id);
}
