use petit_domain::ChatId;
use petit_ports::Subject;
use petit_testkit::TestApp;
use serde_json::{Value, json};

fn me(chat: ChatId) -> String {
    format!("/v1/chats/{chat}/me")
}

async fn listed(app: &TestApp, name: &str, chat: ChatId) -> Value {
    let chats = app.as_(name).all("/v1/chats", 100).await;
    chats.into_iter().find(|row| row["id"] == json!(chat)).expect("it is listed")
}

#[tokio::test]
async fn what_is_chosen_is_answered_whole_and_read_back_by_whoever_chose_it() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let bob = app.as_("bob");
    assert_eq!(listed(&app, "bob", chat).await.get("me"), None, "nothing was chosen");
    let chosen = json!({"level": "none", "muted_until": "2027-01-01T00:00:00Z", "favourite": true, "section": " Work "});
    let answer = bob.patch(&me(chat), chosen).await.expect(200);
    assert_eq!(
        (&answer["level"], &answer["section"], &answer["favourite"]),
        (&json!("none"), &json!("Work"), &json!(true))
    );
    let less =
        bob.patch(&me(chat), json!({"level": "all", "section": null, "favourite": false})).await.expect(200);
    assert_eq!(less, json!({"muted_until": "2027-01-01T00:00:00.000000Z", "version": less["version"]}));
    assert_eq!(listed(&app, "bob", chat).await["me"], less);
    assert_eq!(bob.get(&format!("/v1/chats/{chat}")).await.expect(200)["me"], less);
    assert_eq!(listed(&app, "alice", chat).await.get("me"), None);
    let for_ever = bob.patch(&me(chat), json!({"muted_until": "9999-12-30T00:00:00Z"})).await.expect(200);
    assert_eq!(for_ever["muted_until"], "9999-12-30T00:00:00.000000Z", "what clients send for good");
}

#[tokio::test]
async fn a_choice_is_told_to_its_owner_alone_and_once() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.settle().await;
    let before = app.bus.len();
    for _ in 0..2 {
        app.as_("bob").patch(&me(chat), json!({"favourite": true})).await.expect(200);
    }
    app.as_("bob").patch(&me(chat), json!({})).await.expect(200);
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, Subject::User(app.id("bob")));
}

#[tokio::test]
async fn a_hidden_chat_is_there_again_with_its_next_message() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "one").await;
    let bob = app.as_("bob");
    let head = listed(&app, "bob", chat).await["head_seq"].clone();
    let hidden = bob.patch(&me(chat), json!({"hidden": true})).await.expect(200);
    assert_eq!((&hidden["hidden"], &hidden["hidden_seq"]), (&json!(true), &head));
    assert_eq!(listed(&app, "bob", chat).await["me"], hidden);
    app.as_("alice").say(chat, "two").await;
    assert_eq!(listed(&app, "bob", chat).await["me"], json!({"version": hidden["version"]}));
    // Whoever hid it had not seen the newest one yet.
    let late = bob.patch(&me(chat), json!({"hidden": true, "hidden_seq": head})).await.expect(200);
    assert_eq!(late.get("hidden"), None);
    let again = bob.patch(&me(chat), json!({"hidden": true})).await.expect(200);
    assert_eq!(again["hidden"], true);
    let shown = bob.patch(&me(chat), json!({"hidden": false})).await.expect(200);
    assert_eq!(shown.get("hidden"), None);
}

#[tokio::test]
async fn a_chat_is_unread_from_a_message_on_until_it_is_read_again() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let bob = app.as_("bob");
    let marker = format!("/v1/chats/{chat}/read-marker");
    for text in ["a", "b", "c"] {
        app.as_("alice").say(chat, text).await;
    }
    let head = listed(&app, "bob", chat).await["head_seq"].as_i64().expect("a number");
    bob.put(&marker, json!({"seq": head - 1})).await.expect(200);
    let none = bob.patch(&me(chat), json!({"unread_from": head})).await.expect(200);
    assert_eq!(none.get("unread_from"), None, "that one is unread anyway");
    let called = bob.patch(&me(chat), json!({"unread_from": head - 1})).await.expect(200);
    assert_eq!((&called["unread_from"], &called["marked_seq"]), (&json!(head - 1), &json!(head - 1)));
    let row = listed(&app, "bob", chat).await;
    assert_eq!((&row["unread"], &row["read_seq"]), (&json!(2), &json!(head - 1)), "the marker never falls");
    // Reading again what was read before ends it, too, and is told.
    app.settle().await;
    let before = app.bus.len();
    bob.put(&marker, json!({"seq": head - 1})).await.expect(200);
    assert_eq!(app.bus.published(before).len(), 1);
    let row = listed(&app, "bob", chat).await;
    assert_eq!((&row["unread"], row["me"].get("unread_from")), (&json!(1), None));
    let late = bob.patch(&me(chat), json!({"unread_from": 0, "marked_seq": 0})).await.expect(200);
    assert_eq!(late.get("unread_from"), None, "it was read since that was said");
    bob.patch(&me(chat), json!({"unread_from": 0})).await.expect(200);
    bob.say(chat, "mine").await;
    let row = listed(&app, "bob", chat).await;
    assert_eq!((&row["unread"], row["me"].get("unread_from")), (&json!(0), None), "who writes has read");
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_by_a_code() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    for (body, code, field) in [
        (json!({"section": ""}), "invalid_section", "/section"),
        (json!({"section": "a\nb"}), "invalid_section", "/section"),
        (json!({"section": "\u{200b}"}), "invalid_section", "/section"),
        (json!({"section": "x".repeat(65)}), "invalid_section", "/section"),
        (json!({"level": "loud"}), "invalid_body", "/level"),
        (json!({"level": null}), "invalid_body", "/level"),
        (json!({"favourite": null}), "invalid_body", "/favourite"),
        (json!({"muted_until": "soon"}), "invalid_body", "/muted_until"),
        (json!({"unread_from": -1}), "invalid_seq", "/unread_from"),
        (json!({"pinned": true}), "invalid_body", "/pinned"),
    ] {
        let answer = app.as_("alice").patch(&me(chat), body.clone()).await;
        assert_eq!(answer.refused(422, code).field.as_deref(), Some(field), "{body}");
    }
}

#[tokio::test]
async fn who_comes_back_finds_their_choices_again() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").patch(&me(chat), json!({"section": "Work"})).await.expect(200);
    let member = format!("/v1/chats/{chat}/members");
    app.as_("alice").delete(&format!("{member}/{}", app.id("bob"))).await.expect(204);
    app.as_("bob").patch(&me(chat), json!({"section": "Play"})).await.refused(404, "not_found");
    app.as_("alice").post(&member, json!({"user": app.id("bob")})).await.expect(201);
    assert_eq!(listed(&app, "bob", chat).await["me"]["section"], "Work");
}
