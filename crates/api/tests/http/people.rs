use petit_domain::Event;
use petit_ports::Subject;
use petit_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_person_is_told_who_they_are() {
    let app = TestApp::start().await;
    let me = app.as_("bob").get("/v1/me").await.expect(200);
    assert_eq!(me, json!({"id": app.id("bob"), "username": "bob", "name": "Bob", "role": "member"}));
    assert_eq!(app.as_("alice").get(&format!("/v1/people/{}", app.id("bob"))).await.expect(200), me);
}

#[tokio::test]
async fn a_new_name_is_seen_and_announced_once() {
    let app = TestApp::start().await;
    let before = app.bus.len();
    for _ in 0..2 {
        let me = app.as_("bob").patch("/v1/me", json!({"name": "  Bob the Builder "})).await.expect(200);
        assert_eq!(me["name"], "Bob the Builder");
    }
    let subjects: Vec<_> = app.bus.published(before).into_iter().map(|(subject, event)| {
        assert!(matches!(event.event(), Some(Event::PersonUpdated { person }) if person.name.as_str() == "Bob the Builder"));
        subject
    }).collect();
    assert_eq!(subjects, [Subject::User(app.id("bob")), Subject::Presence(app.id("bob"))]);
}

#[tokio::test]
async fn a_bad_name_is_refused() {
    let app = TestApp::start().await;
    for bad in ["", "  ", "a\nb", "\u{200b}", "Ann \u{202e}txt.exe", &"x".repeat(65)] {
        let problem = app.as_("bob").patch("/v1/me", json!({"name": bad})).await.refused(422, "invalid_name");
        assert_eq!(problem.field.as_deref(), Some("/name"));
    }
}

#[tokio::test]
async fn people_are_found_by_any_word_of_their_name() {
    let app = TestApp::start().await;
    app.as_("bob").patch("/v1/me", json!({"name": "Robert Schäfer"})).await.expect(200);
    let found = async |prefix: &str| {
        let items = app.as_("alice").all(&format!("/v1/people?prefix={prefix}"), 100).await;
        items.iter().map(|person| person["username"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    for prefix in ["bo", "ROB", "sch%C3%A4", "SCH%C3%84F"] {
        assert_eq!(found(prefix).await, ["bob"], "{prefix}");
    }
    assert_eq!(found("nobody").await, [""; 0]);
    assert_eq!(found("").await.len(), 4);
}

#[tokio::test]
async fn an_invitation_never_gives_more_than_its_maker_has() {
    let app = TestApp::start().await;
    let link = app.as_("alice").post("/v1/invitations", json!({"role": "owner"})).await.expect(201);
    let url = link["url"].as_str().expect("a link");
    assert!(url.starts_with("https://chat.example.org/oidc/sign-up?invitation="), "{url}");
    app.as_("bob").post("/v1/invitations", json!({"role": "member"})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn everybody_may_know_what_the_server_is_called_and_whether_one_can_be_invited() {
    let app = TestApp::start().await;
    let server = app.as_("bob").get("/v1/server").await.expect(200);
    assert_eq!(server, json!({"name": "Harbour office", "invitations": true}));
}
