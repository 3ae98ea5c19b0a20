use petit_app::{AppError, sessions, tickets};
use petit_testkit::TestApp;

#[tokio::test]
async fn a_ticket_works_once() {
    let app = TestApp::start().await;
    let (ticket, _) = tickets::issue(&app.app, &app.caller("bob"));
    assert_eq!(tickets::redeem(&app.app, &ticket).await.expect("bob"), app.caller("bob"));
    assert!(matches!(tickets::redeem(&app.app, &ticket).await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn a_ticket_is_good_for_a_minute() {
    let app = TestApp::start().await;
    let (early, late) =
        (tickets::issue(&app.app, &app.caller("bob")), tickets::issue(&app.app, &app.caller("bob")));
    app.clock.advance(58);
    tickets::redeem(&app.app, &early.0).await.expect("just in time");
    app.clock.advance(3);
    assert!(tickets::redeem(&app.app, &late.0).await.is_err());
}

#[tokio::test]
async fn a_ticket_ends_with_its_session() {
    let app = TestApp::start().await;
    let (ticket, _) = tickets::issue(&app.app, &app.caller("bob"));
    sessions::revoke(&app.app, app.id("bob"), app.somebody("bob").session.id).await.expect("ended");
    assert!(tickets::redeem(&app.app, &ticket).await.is_err());
}

#[tokio::test]
async fn nothing_else_is_a_ticket() {
    let app = TestApp::start().await;
    let (ticket, _) = tickets::issue(&app.app, &app.caller("bob"));
    let of_another_purpose = app.app.sign("cursor:1:people:", b"{}");
    for bad in ["", "a.b", &ticket[1..], &of_another_purpose, &app.somebody("bob").token] {
        assert!(tickets::redeem(&app.app, bad).await.is_err(), "{bad}");
    }
}
