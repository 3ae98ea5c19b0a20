//! What is written to the log. Alone in its process: others' threads would decide, too, what is logged.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use petit_testkit::TestApp;
use serde_json::json;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_holds_requests_and_nothing_that_people_wrote() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let spans = tracing_subscriber::fmt::format::FmtSpan::CLOSE;
    let subscriber = subscriber.with_span_events(spans).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "canary").await;
    app.as_("alice").get("/v1/people?prefix=canary").await.expect(200);
    app.as_("alice").patch("/v1/me", json!({"name": "Canary"})).await.expect(200);
    app.spy.fail_after(0);
    app.as_("alice").get(&format!("/v1/chats/{chat}/messages?after=-1")).await.refused(503, "unavailable");
    let text = String::from_utf8(log.0.lock().expect("nobody panics").clone()).expect("text");
    assert!(
        text.contains("/v1/chats/{chat}/messages") && text.contains("request.id"),
        "the premise: it is logged"
    );
    assert!(text.contains("ERROR"), "failures are logged");
    for secret in ["anary", "pc_", &chat.to_string()] {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}
