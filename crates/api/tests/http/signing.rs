//! Who asks: bearer tokens, cookies, requests the gateway vouches for, and other sites' pages.

use axum::body::Body;
use http::{Method, Request, request::Builder};
use petit_testkit::{Answer, TestApp};
use tower::ServiceExt;

fn request(method: Method) -> Builder {
    Request::builder().method(method).uri("/v1/me").header("content-type", "application/json")
}

async fn send(app: &TestApp, request: Builder) -> Answer {
    app.anonymous().send(request.body(Body::from(r#"{"name":"Bob"}"#)).expect("a request")).await
}

fn cookie(app: &TestApp) -> String {
    format!("theme=dark; petit_session={}; a=b", app.somebody("bob").token)
}

#[tokio::test]
async fn a_bearer_token_or_a_cookie_says_who_asks() {
    let app = TestApp::start().await;
    let bearer = format!("bearer {}", app.somebody("bob").token);
    send(&app, request(Method::GET).header("authorization", bearer)).await.expect(200);
    send(&app, request(Method::GET).header("cookie", cookie(&app))).await.expect(200);
}

#[tokio::test]
async fn nobody_is_signed_in_by_anything_else() {
    let app = TestApp::start().await;
    let token = &app.somebody("bob").token;
    let bad = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer pc_".into(),
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer {}", token.to_lowercase()),
        format!("Bearer {}", &token[3..]),
        format!("Bearer {token}x"),
        format!("Bearer pc_{}", "A".repeat(10_000)),
    ];
    for authorization in bad {
        let answer = send(&app, request(Method::GET).header("authorization", &authorization)).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        answer.refused(401, "unauthenticated");
    }
    send(&app, request(Method::GET).header("cookie", "petit_session=pc_x; theme=dark"))
        .await
        .refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_pages_of_other_sites() {
    let app = TestApp::start().await;
    let with_cookie =
        || request(Method::PATCH).header("cookie", cookie(&app)).header("host", "chat.example.org");
    let foreign = [
        with_cookie(),
        with_cookie().header("sec-fetch-site", "cross-site"),
        with_cookie().header("sec-fetch-site", "same-site"),
        with_cookie().header("origin", "https://evil.example"),
        with_cookie().header("origin", "null"),
        with_cookie().header("origin", "https://chat.example.org.evil.example"),
        with_cookie().header("origin", "https://chat.example.org:8420"),
        with_cookie().header("sec-fetch-site", "cross-site").header("origin", "https://chat.example.org"),
    ];
    for request in foreign {
        send(&app, request).await.refused(403, "cross_site");
    }
    let ours = [
        with_cookie().header("sec-fetch-site", "same-origin"),
        with_cookie().header("sec-fetch-site", "none"),
        with_cookie().header("origin", "https://chat.example.org"),
        with_cookie().header("origin", "http://CHAT.example.org"),
    ];
    for request in ours {
        send(&app, request).await.expect(200);
    }
}

#[tokio::test]
async fn a_bearer_token_needs_no_word_of_its_site() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", app.somebody("bob").token);
    let foreign =
        request(Method::PATCH).header("authorization", bearer).header("sec-fetch-site", "cross-site");
    send(&app, foreign).await.expect(200);
}

#[tokio::test]
async fn a_request_the_gateway_vouches_for_needs_no_token() {
    let app = TestApp::start().await;
    let request = request(Method::GET).extension(app.caller("carol")).body(Body::empty()).expect("a request");
    let response = app.router().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn no_header_makes_a_caller() {
    let app = TestApp::start().await;
    let id = app.id("alice").to_string();
    for name in ["x-user", "x-caller", "x-forwarded-user", "remote-user", "x-petit-caller"] {
        send(&app, request(Method::GET).header(name, &id)).await.refused(401, "unauthenticated");
    }
}
