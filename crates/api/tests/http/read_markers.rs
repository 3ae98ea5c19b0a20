use petit_ports::Subject;
use petit_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_read_marker_rises_to_the_head_and_never_falls() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/read-marker");
    let bob = app.as_("bob");
    assert_eq!(
        bob.put(&path, json!({"seq": 5})).await.expect(200),
        json!({"seq": -1, "unread": 0, "mentions": 0}),
        "nothing to read yet"
    );
    for text in ["a", "b", "c"] {
        app.as_("alice").say(chat, text).await;
    }
    assert_eq!(bob.get(&path).await.expect(200), json!({"seq": -1, "unread": 3, "mentions": 0}));
    assert_eq!(
        bob.put(&path, json!({"seq": 1})).await.expect(200),
        json!({"seq": 1, "unread": 1, "mentions": 0})
    );
    assert_eq!(
        bob.put(&path, json!({"seq": 0})).await.expect(200),
        json!({"seq": 1, "unread": 1, "mentions": 0})
    );
    assert_eq!(
        bob.put(&path, json!({"seq": 99})).await.expect(200),
        json!({"seq": 2, "unread": 0, "mentions": 0})
    );
    assert_eq!(
        app.as_("alice").get(&path).await.expect(200),
        json!({"seq": 2, "unread": 0, "mentions": 0}),
        "who writes has read"
    );
}

#[tokio::test]
async fn a_moved_marker_is_told_to_its_owner_alone_and_once() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "a").await;
    app.settle().await;
    let before = app.bus.len();
    for _ in 0..2 {
        app.as_("bob").put(&format!("/v1/chats/{chat}/read-marker"), json!({"seq": 0})).await.expect(200);
    }
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, Subject::User(app.id("bob")));
}

#[tokio::test]
async fn a_negative_number_is_refused() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    let answer = app.as_("alice").put(&format!("/v1/chats/{chat}/read-marker"), json!({"seq": -1})).await;
    assert_eq!(answer.refused(422, "invalid_seq").field.as_deref(), Some("/seq"));
}
