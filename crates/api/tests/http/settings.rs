use petit_ports::Subject;
use petit_testkit::TestApp;
use serde_json::json;

const PATH: &str = "/v1/me/settings";

#[tokio::test]
async fn what_was_set_is_read_back_by_whoever_set_it() {
    let app = TestApp::start().await;
    let alice = app.as_("alice");
    assert_eq!(alice.get(PATH).await.expect(200), json!({"undo_s": 0, "receipts": true, "version": 0}));
    let set = alice.patch(PATH, json!({"undo_s": 10})).await.expect(200);
    assert_eq!(set["undo_s"], 10);
    assert_eq!(alice.get(PATH).await.expect(200), set);
    assert_eq!(alice.patch(PATH, json!({})).await.expect(200), set);
    assert_eq!(app.as_("bob").get(PATH).await.expect(200)["undo_s"], 0);
    let off = alice.patch(PATH, json!({"undo_s": 0})).await.expect(200);
    assert_eq!(off["undo_s"], 0);
    assert!(off["version"].as_i64() > set["version"].as_i64());
}

#[tokio::test]
async fn what_a_newer_version_set_stays_and_is_shown() {
    let app = TestApp::start().await;
    let alice = app.as_("alice");
    alice.patch(PATH, json!({"undo_s": 10})).await.expect(200);
    app.rewrite(
        "INSERT INTO settings (user_id, name, value, version) \
         SELECT user_id, 'size', '3', version FROM settings",
    );
    app.rewrite(
        "INSERT INTO settings (user_id, name, value, version) \
         SELECT user_id, 'quiet', '{\"from\":\"22:00\"}', version FROM settings WHERE name = 'undo_s'",
    );
    let set = alice.patch(PATH, json!({"undo_s": 30})).await.expect(200);
    assert_eq!(
        (&set["undo_s"], &set["size"], &set["quiet"]["from"]),
        (&json!(30), &json!(3), &json!("22:00"))
    );
    alice.patch(PATH, json!({"size": 4})).await.refused(422, "invalid_body");
    app.rewrite("UPDATE settings SET value = '\"long\"' WHERE name = 'undo_s'");
    assert_eq!(alice.get(PATH).await.expect(200)["undo_s"], 0, "of another shape it is not known");
}

#[tokio::test]
async fn whether_receipts_are_told_is_on_until_it_is_switched_off() {
    let app = TestApp::start().await;
    let alice = app.as_("alice");
    let off = alice.patch(PATH, json!({"receipts": false})).await.expect(200);
    assert_eq!((&off["receipts"], &off["undo_s"]), (&json!(false), &json!(0)));
    assert_eq!(alice.get(PATH).await.expect(200), off);
    assert_eq!(alice.patch(PATH, json!({"receipts": true})).await.expect(200)["receipts"], true);
    for bad in [json!(null), json!("no"), json!(0)] {
        let problem = alice.patch(PATH, json!({"receipts": bad})).await.refused(422, "invalid_body");
        assert_eq!(problem.field.as_deref(), Some("/receipts"));
    }
}

#[tokio::test]
async fn a_time_out_of_bounds_is_refused() {
    let app = TestApp::start().await;
    for (bad, code) in [
        (json!(31), "invalid_undo"),
        (json!(-1), "invalid_undo"),
        (json!("10"), "invalid_body"),
        (json!(null), "invalid_body"),
        (json!(1.5), "invalid_body"),
    ] {
        let problem = app.as_("alice").patch(PATH, json!({"undo_s": bad})).await.refused(422, code);
        assert_eq!(problem.field.as_deref(), Some("/undo_s"));
    }
}

#[tokio::test]
async fn it_is_told_to_their_own_devices_alone_and_once() {
    let app = TestApp::start().await;
    app.group("alice", &["bob"]).await;
    app.settle().await;
    let before = app.bus.len();
    for _ in 0..2 {
        app.as_("bob").patch(PATH, json!({"undo_s": 20})).await.expect(200);
    }
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, Subject::User(app.id("bob")));
}
