use petit_app::sessions;
use petit_domain::{Event, SessionKind};
use petit_ports::Subject;
use petit_testkit::TestApp;

#[tokio::test]
async fn sessions_are_listed_newest_first_without_secrets() {
    let app = TestApp::start().await;
    let bob = app.id("bob");
    sessions::create(&app.app, bob, SessionKind::Browser, "Firefox", Some(60)).await.expect("a session");
    let list = app.as_("bob").get("/v1/sessions").await.expect(200);
    let items = list["items"].as_array().expect("items");
    let told: Vec<_> = items.iter().map(|item| (item["label"].as_str(), item["current"].as_bool())).collect();
    assert_eq!(told, [(Some("Firefox"), Some(false)), (Some("test"), Some(true))]);
    assert!(list["next"].is_null());
    assert!(!list.to_string().contains("pc_"), "{list}");
}

#[tokio::test]
async fn an_ended_session_is_over_at_once_and_announced_once() {
    let app = TestApp::start().await;
    let session = app.somebody("bob").session.id;
    let before = app.bus.len();
    let (_, other) =
        sessions::create(&app.app, app.id("bob"), SessionKind::Token, "other", None).await.expect("one");
    app.as_("bob").get("/v1/me").await.expect(200);
    for _ in 0..2 {
        app.with_token(&other).delete(&format!("/v1/sessions/{session}")).await.expect(204);
    }
    app.as_("bob").get("/v1/me").await.refused(401, "unauthenticated");
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, Subject::Sessions);
    let Some(Event::SessionRevoked { user, session: ended }) = published[0].1.event() else {
        panic!("another event")
    };
    assert_eq!((*user, *ended), (app.id("bob"), session));
}

#[tokio::test]
async fn an_expired_session_is_over_without_being_ended() {
    let app = TestApp::start().await;
    let (_, token) =
        sessions::create(&app.app, app.id("bob"), SessionKind::Browser, "", Some(60)).await.expect("one");
    app.with_token(&token).get("/v1/me").await.expect(200);
    app.clock.advance(61);
    app.with_token(&token).get("/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(app.as_("bob").all("/v1/sessions", 100).await.len(), 1);
}
