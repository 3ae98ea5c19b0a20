//! What people see when parts fail, and what every answer carries.

use petit_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_lost_store_is_unavailable_and_says_when_to_come_back() {
    let app = TestApp::start().await;
    app.as_("alice").get("/v1/me").await.expect(200);
    app.spy.fail_after(0);
    let answer = app.as_("alice").get("/v1/chats").await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.refused(503, "unavailable");
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    app.anonymous().get("/healthz").await.expect(200);
    app.spy.heal();
    app.anonymous().get("/readyz").await.expect(200);
}

#[tokio::test]
async fn a_full_disk_stops_writing_and_nothing_else() {
    let app = TestApp::builder().max_pages(120).start().await;
    let chat = app.group("alice", &[]).await;
    let path = format!("/v1/chats/{chat}/messages");
    let mut written = 0;
    let refused = loop {
        let body = json!({"text": "x".repeat(16_000), "client_id": format!("{written}")});
        let answer = app.as_("alice").post(&path, body).await;
        if answer.status != 201 {
            break answer;
        }
        written += 1;
        assert!(written < 1_000, "the premise: the disk gets full");
    };
    refused.refused(507, "storage_full");
    assert_eq!(app.as_("alice").all(&path, 100).await.len(), written);
}

#[tokio::test]
async fn a_panic_costs_one_request_and_tells_nothing() {
    let app = TestApp::start().await;
    app.as_("alice").get("/v1/me").await.expect(200);
    app.spy.explode_once();
    let problem = app.as_("alice").get("/v1/chats").await.refused(500, "internal");
    assert_eq!(problem.detail, "The server made a mistake.");
    app.as_("alice").get("/v1/chats").await.expect(200);
}

#[tokio::test]
async fn every_answer_has_an_id_and_keeps_browsers_careful() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["/v1/me", "/v1/unknown", "/healthz", "/openapi.json", "/docs"] {
        let answer = app.as_("alice").get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(
            answer.headers["content-security-policy"].to_str().expect("text").contains("default-src 'none'")
        );
        ids.push(answer.headers["x-request-id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 5);
}
