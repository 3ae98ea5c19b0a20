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
