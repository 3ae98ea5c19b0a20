use axum::body::Body;
use http::Request;
use petit_testkit::{Answer, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn a_pair_has_one_direct_chat_whoever_asks() {
    let app = TestApp::start().await;
    let ask = async |who: &str, other: &str| {
        app.as_(who).post("/v1/chats", json!({"kind": "direct", "members": [app.id(other)]})).await
    };
    let first = ask("alice", "bob").await.expect(201);
    assert_eq!(
        (&first["kind"], &first["name"], &first["role"]),
        (&json!("direct"), &Value::Null, &json!("member"))
    );
    assert_eq!(first["peer"]["username"], "bob");
    let again = ask("alice", "bob").await.expect(200);
    let other_side = ask("bob", "alice").await.expect(200);
    assert_eq!((&again["id"], &other_side["id"]), (&first["id"], &first["id"]));
    assert_eq!(other_side["peer"]["username"], "alice");
}

#[tokio::test]
async fn one_may_have_a_chat_with_oneself() {
    let app = TestApp::start().await;
    let body = json!({"kind": "direct", "members": [app.id("alice")]});
    let chat = app.as_("alice").post("/v1/chats", body).await.expect(201);
    assert_eq!((&chat["peer"]["username"], &chat["member_count"]), (&json!("alice"), &json!(1)));
}

#[tokio::test]
async fn a_new_group_is_empty_and_its_maker_owns_it() {
    let app = TestApp::start().await;
    let body = json!({"kind": "group", "name": " Kitchen ", "members": [app.id("bob"), app.id("bob"), app.id("alice")]});
    let chat = app.as_("alice").post("/v1/chats", body).await.expect(201);
    assert_eq!(
        (&chat["name"], &chat["role"], &chat["member_count"]),
        (&json!("Kitchen"), &json!("owner"), &json!(2))
    );
    assert_eq!((&chat["head_seq"], &chat["head_cseq"], &chat["unread"]), (&json!(-1), &json!(-1), &json!(0)));
    assert_eq!((&chat["last_message"], &chat["last_message_at"]), (&Value::Null, &chat["created_at"]));
    let bobs = app.as_("bob").get("/v1/chats").await.expect(200);
    assert_eq!((&bobs["items"][0]["id"], &bobs["items"][0]["role"]), (&chat["id"], &json!("member")));
}

#[tokio::test]
async fn chats_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let (bob, carol) = (app.id("bob"), app.id("carol"));
    let nobody = "01890000-0000-7000-8000-000000000000";
    let many: Vec<String> = (0..101).map(|n| format!("01890000-0000-7000-8000-{n:012}")).collect();
    let cases = [
        (json!({"kind": "direct", "members": [bob, carol]}), "invalid_body"),
        (json!({"kind": "direct", "members": []}), "invalid_body"),
        (json!({"kind": "direct", "name": "a", "members": [bob]}), "invalid_body"),
        (json!({"kind": "group", "members": [bob]}), "invalid_chat_name"),
        (json!({"kind": "open"}), "invalid_chat_name"),
        (json!({"kind": "group", "name": "a\nb"}), "invalid_chat_name"),
        (json!({"kind": "group", "name": "\u{2060}\u{3164}"}), "invalid_chat_name"),
        (json!({"kind": "club", "name": "a"}), "invalid_body"),
        (json!({"kind": "group", "name": "a", "members": [nobody]}), "unknown_person"),
        (json!({"kind": "direct", "members": [nobody]}), "unknown_person"),
        (json!({"kind": "group", "name": "a", "members": many}), "too_many_members"),
    ];
    for (body, code) in cases {
        app.as_("alice").post("/v1/chats", body).await.refused(422, code);
    }
    assert_eq!(app.as_("alice").all("/v1/chats", 100).await.len(), 0, "nothing was made");
}

async fn with_key(app: &TestApp, who: &str, key: &[u8], body: &Value) -> Answer {
    let request =
        Request::post("/v1/chats").header("content-type", "application/json").header("idempotency-key", key);
    app.as_(who).send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn a_repeated_key_makes_one_chat() {
    let app = TestApp::start().await;
    let body = json!({"kind": "group", "name": "Kitchen"});
    let first = with_key(&app, "alice", b"k1", &body).await.expect(201);
    assert_eq!(with_key(&app, "alice", b"k1", &body).await.expect(201)["id"], first["id"]);
    assert_ne!(with_key(&app, "alice", b"k2", &body).await.expect(201)["id"], first["id"]);
    assert_ne!(
        with_key(&app, "bob", b"k1", &body).await.expect(201)["id"],
        first["id"],
        "keys are one's own"
    );
    let other = json!({"kind": "group", "name": "Cellar"});
    with_key(&app, "alice", b"k1", &other).await.refused(409, "idempotency_key_reused");
}

#[tokio::test]
async fn a_repeated_key_brings_nobody_back_who_left() {
    let app = TestApp::start().await;
    let body = json!({"kind": "group", "name": "Kitchen", "members": [app.id("bob")]});
    let chat = with_key(&app, "alice", b"k1", &body).await.expect(201);
    let me = format!("/v1/chats/{}/members/{}", chat["id"].as_str().expect("an id"), app.id("alice"));
    app.as_("alice").delete(&me).await.expect(204);
    with_key(&app, "alice", b"k1", &body).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let app = TestApp::start().await;
    for key in [&b""[..], &[b'k'; 129], b"\xff"] {
        let answer = with_key(&app, "alice", key, &json!({"kind": "group", "name": "a"})).await;
        answer.refused(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn ones_chats_are_listed_by_last_message() {
    let app = TestApp::start().await;
    let (kitchen, garden) = (app.group("alice", &["bob"]).await, app.open_chat("alice", &["bob"]).await);
    let order = async || -> Vec<String> {
        let items = app.as_("bob").all("/v1/chats", 1).await;
        items.iter().map(|chat| chat["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(order().await, [garden.to_string(), kitchen.to_string()]);
    app.as_("alice").say(kitchen, "first").await;
    assert_eq!(order().await, [kitchen.to_string(), garden.to_string()]);
    let chat = app.as_("bob").get(&format!("/v1/chats/{kitchen}")).await.expect(200);
    assert_eq!((&chat["unread"], &chat["last_message"]["text"]), (&json!(1), &json!("first")));
    let authors = app.as_("alice").get(&format!("/v1/chats/{kitchen}")).await.expect(200);
    assert_eq!(authors["unread"], 0, "who writes has read");
}

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_for_a_moment_pins_no_chat_and_dates_nothing_later() {
    const YEAR: i64 = 365 * 86_400;
    let app = TestApp::start().await;
    let (room, other) = (app.group("alice", &["bob"]).await, app.group("alice", &["bob"]).await);
    let first = async || app.as_("bob").all("/v1/chats", 1).await[0]["id"].clone();
    app.clock.advance(YEAR);
    let far = app.as_("alice").say(room, "while it was ahead").await;
    assert_eq!(first().await, json!(room), "the premise: as the clock says");
    app.clock.advance(-YEAR);
    app.as_("alice").say(other, "put right").await;
    assert_eq!(first().await, json!(other));
    let said = app.as_("alice").say(room, "and here too").await;
    assert!(said.created_at < far.created_at && said.seq == far.seq + 1, "{said:?}");
    assert_eq!(first().await, json!(room));
    let listed = app.as_("bob").all("/v1/chats", 1).await;
    for row in listed {
        let alone = app.as_("bob").get(&format!("/v1/chats/{}", row["id"].as_str().expect("an id"))).await;
        assert_eq!(alone.expect(200), row);
    }
}

#[tokio::test]
async fn an_edit_is_dated_after_its_message_though_the_clock_went_back() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let said = app.as_("alice").say(chat, "original").await;
    app.clock.advance(-3_600);
    let path = format!("/v1/chats/{chat}/messages/{}", said.seq);
    let edited = app.as_("alice").patch(&path, json!({"text": "edited"})).await.expect(200);
    assert_eq!(edited["edited_at"], json!(said.created_at));
}

#[tokio::test]
async fn a_list_shows_the_beginning_of_the_newest_message_and_says_that_it_is_cut() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let (long, short) = ("ü".repeat(8_000), "ü".repeat(200));
    let say = async |text: &str, client_id: &str| {
        let body = json!({"text": text, "client_id": client_id});
        app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), body).await.expect(201)
    };
    assert_eq!(say(&long, "long").await["text"], json!(long));
    let listed = app.as_("bob").all("/v1/chats", 1).await.remove(0)["last_message"].clone();
    assert_eq!((&listed["text"], &listed["is_cut"]), (&json!(short), &json!(true)));
    let alone = app.as_("bob").get(&format!("/v1/chats/{chat}")).await.expect(200);
    assert_eq!(alone["last_message"], listed);
    let whole = app.as_("bob").get(&format!("/v1/chats/{chat}/messages/0")).await.expect(200);
    assert_eq!((whole["text"].as_str(), whole.get("is_cut")), (Some(long.as_str()), None));
    say(&short, "short").await;
    let listed = app.as_("bob").all("/v1/chats", 1).await.remove(0)["last_message"].clone();
    assert_eq!((&listed["text"], listed.get("is_cut")), (&json!(short), None));
}

#[tokio::test]
async fn an_open_chat_is_seen_from_outside_without_its_messages() {
    let app = TestApp::start().await;
    let chat = app.open_chat("alice", &[]).await;
    app.as_("alice").say(chat, "secret").await;
    let seen = app.as_("mallory").get(&format!("/v1/chats/{chat}")).await.expect(200);
    assert_eq!(
        (&seen["name"], &seen["role"], &seen["member_count"]),
        (&json!("Garden"), &Value::Null, &json!(1))
    );
    assert!(!seen.to_string().contains("secret"), "{seen}");
    let found = app.as_("mallory").all("/v1/open-chats?prefix=gar", 100).await;
    assert_eq!(found, [seen]);
    assert_eq!(app.as_("mallory").all("/v1/open-chats?prefix=kit", 100).await.len(), 0);
    for list in ["messages", "members", "changes?after=-1", "read-marker"] {
        let path = format!("/v1/chats/{chat}/{list}");
        app.as_("mallory").get(&path).await.refused(404, "not_found");
    }
    assert_eq!(app.as_("alice").all("/v1/open-chats", 100).await[0]["role"], "owner");
}

#[tokio::test]
async fn a_rename_is_said_in_the_timeline_once() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    let path = format!("/v1/chats/{chat}");
    for _ in 0..2 {
        let renamed = app.as_("alice").patch(&path, json!({"name": "Cellar"})).await.expect(200);
        assert_eq!(
            (&renamed["name"], &renamed["head_seq"], &renamed["head_cseq"]),
            (&json!("Cellar"), &json!(0), &json!(0))
        );
    }
    let entry = &app.as_("alice").all(&format!("{path}/messages"), 100).await[0];
    assert_eq!((&entry["kind"], &entry["text"]), (&json!("chat_renamed"), &json!("Cellar")));
}

#[tokio::test]
async fn a_direct_chat_keeps_its_people_and_has_no_name() {
    let app = TestApp::start().await;
    let chat = app.direct("alice", "bob").await;
    let alice = app.as_("alice");
    let path = format!("/v1/chats/{chat}");
    let (bob, carol) = (app.id("bob"), app.id("carol"));
    let code = "direct_chat_is_fixed";
    alice.patch(&path, json!({"name": "a"})).await.refused(409, code);
    alice.post(&format!("{path}/members"), json!({"user": carol})).await.refused(409, code);
    alice.delete(&format!("{path}/members/{bob}")).await.refused(409, code);
    alice.delete(&format!("{path}/members/{}", app.id("alice"))).await.refused(409, code);
    alice.patch(&format!("{path}/members/{bob}"), json!({"role": "owner"})).await.refused(409, code);
}
