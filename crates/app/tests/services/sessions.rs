use petit_app::{AppError, Caller, people, sessions};
use petit_domain::{ExternalId, ServerRole, SessionKind};
use petit_testkit::TestApp;

#[tokio::test]
async fn a_session_is_believed_without_asking_again() {
    let app = TestApp::start().await;
    let token = &app.somebody("bob").token;
    assert_eq!(sessions::authenticate(&app.app, token).await.expect("bob"), app.caller("bob"));
    app.spy.take_calls();
    sessions::authenticate(&app.app, token).await.expect("bob");
    assert_eq!(app.spy.take_calls(), [""; 0]);
}

#[tokio::test]
async fn the_secret_is_never_stored() {
    let app = TestApp::start().await;
    let (session, token) =
        sessions::create(&app.app, app.id("bob"), SessionKind::Token, "a", None).await.expect("a session");
    assert!(token.starts_with("pc_") && token.len() == 46, "{token}");
    assert!(!format!("{session:?}").contains(&token[3..]));
}

#[tokio::test]
async fn use_is_noted_once_a_minute() {
    let app = TestApp::start().await;
    let sessions = &app.store().sessions;
    let seen = async || sessions.list(app.id("bob")).await.expect("a list")[0].last_seen_at;
    let (session, token) =
        sessions::create(&app.app, app.id("bob"), SessionKind::Token, "a", None).await.expect("a session");
    sessions::authenticate(&app.app, &token).await.expect("bob");
    assert_eq!(seen().await, session.last_seen_at, "too soon to note");
    let (later, token) =
        sessions::create(&app.app, app.id("bob"), SessionKind::Token, "b", None).await.expect("a session");
    app.clock.advance(61);
    sessions::authenticate(&app.app, &token).await.expect("bob");
    assert!(seen().await > later.last_seen_at.plus_seconds(60));
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let app = TestApp::start().await;
    let alices = app.somebody("alice").session.id;
    let refused = sessions::revoke(&app.app, app.id("mallory"), alices).await;
    assert!(matches!(refused, Err(AppError::NotFound)));
    let caller = Caller { user: app.id("alice"), session: alices };
    assert!(sessions::still_live(&app.app, &caller).await.expect("it answers"));
}

#[tokio::test]
async fn the_provider_ends_what_began_with_it_and_nothing_else() {
    let app = TestApp::start().await;
    let external = ExternalId { issuer: "elsewhere".into(), subject: "dana".into() };
    let dana =
        people::ensure(&app.app, &external, "dana", "Dana", ServerRole::Member).await.expect("a person");
    let begin = async |kind: SessionKind, session: Option<&str>| {
        let session = session.map(str::to_owned);
        sessions::create_within(&app.app, dana.id, kind, "x", None, session).await.expect("a session").1
    };
    let (one, other) =
        (begin(SessionKind::Browser, Some("s1")).await, begin(SessionKind::Browser, Some("s2")).await);
    let (old, token) = (begin(SessionKind::Browser, None).await, begin(SessionKind::Token, None).await);
    let is_live = async |token: &str| sessions::authenticate(&app.app, token).await.is_ok();
    assert_eq!(sessions::end_of_provider(&app.app, &external, Some("s1")).await.expect("ends"), 1);
    assert_eq!([is_live(&one).await, is_live(&other).await, is_live(&token).await], [false, true, true]);
    let again = Some("s1".to_owned());
    let again = sessions::create_within(&app.app, dana.id, SessionKind::Browser, "x", None, again).await;
    assert!(matches!(again, Err(AppError::Unauthenticated)), "nobody comes in by it any more");
    let kept = app.app.store().sessions.list(dana.id).await.expect("sessions");
    assert!(kept.iter().all(|session| session.provider_session.as_deref() != Some("s1")));
    assert_eq!(sessions::end_of_provider(&app.app, &external, None).await.expect("ends"), 2);
    let live = [is_live(&other).await, is_live(&old).await, is_live(&token).await];
    assert_eq!(live, [false, false, true], "tokens are no sign-ins");
    let stranger = ExternalId { subject: "nobody".into(), ..external };
    assert_eq!(sessions::end_of_provider(&app.app, &stranger, None).await.expect("answers"), 0);
}
