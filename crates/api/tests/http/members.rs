use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

fn member(app: &TestApp, chat: ChatId, name: &str) -> String {
    format!("/v1/chats/{chat}/members/{}", app.id(name))
}

async fn add(app: &TestApp, chat: ChatId, by: &str, whom: &str) -> petit_testkit::Answer {
    app.as_(by).post(&format!("/v1/chats/{chat}/members"), json!({"user": app.id(whom)})).await
}

async fn roles(app: &TestApp, chat: ChatId, by: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a word").to_owned();
    let members = app.as_(by).all(&format!("/v1/chats/{chat}/members"), 1).await;
    let mut roles: Vec<_> =
        members.iter().map(|member| (text(&member["person"]["username"]), text(&member["role"]))).collect();
    roles.sort();
    roles
}

#[tokio::test]
async fn any_member_of_a_group_adds_people_and_the_timeline_says_so() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "before").await;
    assert_eq!(add(&app, chat, "bob", "carol").await.expect(201)["person"]["username"], "carol");
    let seen = app.as_("carol").all(&format!("/v1/chats/{chat}/messages"), 100).await;
    assert_eq!(seen[0]["text"], "before", "who joins reads what was said before");
    let said = (&seen[1]["kind"], &seen[1]["author"], &seen[1]["subject"]);
    assert_eq!(said, (&json!("member_joined"), &json!(app.id("bob")), &json!(app.id("carol"))));
    let chat = app.as_("carol").get(&format!("/v1/chats/{chat}")).await.expect(200);
    assert_eq!(
        (&chat["unread"], &chat["member_count"]),
        (&json!(0), &json!(3)),
        "her arrival is nothing to be read"
    );
}

#[tokio::test]
async fn adding_again_changes_nothing() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    add(&app, chat, "alice", "bob").await.expect(201);
    add(&app, chat, "alice", "bob").await.expect(200);
    assert_eq!(app.as_("alice").all(&format!("/v1/chats/{chat}/messages"), 100).await.len(), 1);
}

#[tokio::test]
async fn nobody_adds_people_who_do_not_exist() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    let body = json!({"user": "01890000-0000-7000-8000-000000000000"});
    let answer = app.as_("alice").post(&format!("/v1/chats/{chat}/members"), body).await;
    assert_eq!(answer.refused(422, "unknown_person").field.as_deref(), Some("/user"));
}

#[tokio::test]
async fn people_join_open_chats_by_themselves_and_bring_others_only_then() {
    let app = TestApp::start().await;
    let chat = app.open_chat("alice", &[]).await;
    add(&app, chat, "bob", "carol").await.refused(404, "not_found");
    add(&app, chat, "bob", "bob").await.expect(201);
    add(&app, chat, "bob", "carol").await.expect(201);
    let group = app.group("alice", &[]).await;
    add(&app, group, "bob", "bob").await.refused(404, "not_found");
}

#[tokio::test]
async fn who_was_removed_is_a_stranger_from_then_on() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/messages");
    app.as_("bob").say(chat, "still here").await;
    for _ in 0..2 {
        app.as_("alice").delete(&member(&app, chat, "bob")).await.expect(204);
    }
    app.as_("bob").post(&path, json!({"text": "a", "client_id": "a"})).await.refused(404, "not_found");
    app.as_("bob").get(&path).await.refused(404, "not_found");
    assert_eq!(app.as_("bob").all("/v1/chats", 100).await.len(), 0);
    let timeline = app.as_("alice").all(&path, 100).await;
    let said = (&timeline[1]["kind"], &timeline[1]["subject"], timeline.len());
    assert_eq!(said, (&json!("member_left"), &json!(app.id("bob")), 2));
}

#[tokio::test]
async fn who_left_may_come_back() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").delete(&member(&app, chat, "bob")).await.expect(204);
    app.as_("bob").get(&format!("/v1/chats/{chat}")).await.refused(404, "not_found");
    add(&app, chat, "alice", "bob").await.expect(201);
    app.as_("bob").say(chat, "back").await;
}

#[tokio::test]
async fn members_remove_nobody_and_admins_remove_no_owner() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    app.as_("bob").delete(&member(&app, chat, "carol")).await.refused(403, "forbidden");
    app.as_("alice").patch(&member(&app, chat, "bob"), json!({"role": "admin"})).await.expect(200);
    app.as_("bob").delete(&member(&app, chat, "alice")).await.refused(403, "forbidden");
    app.as_("bob").delete(&member(&app, chat, "carol")).await.expect(204);
    app.as_("bob").delete(&member(&app, chat, "mallory")).await.expect(204);
}

#[tokio::test]
async fn only_owners_give_roles_and_one_owner_stays() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    let alice = app.as_("alice");
    alice.patch(&member(&app, chat, "bob"), json!({"role": "admin"})).await.expect(200);
    app.as_("bob")
        .patch(&member(&app, chat, "carol"), json!({"role": "admin"}))
        .await
        .refused(403, "forbidden");
    alice.patch(&member(&app, chat, "alice"), json!({"role": "member"})).await.refused(409, "last_owner");
    alice.patch(&member(&app, chat, "mallory"), json!({"role": "admin"})).await.refused(404, "not_found");
    alice.patch(&member(&app, chat, "carol"), json!({"role": "owner"})).await.expect(200);
    let me = alice.patch(&member(&app, chat, "alice"), json!({"role": "member"})).await.expect(200);
    assert_eq!(me["role"], "member");
    alice.patch(&member(&app, chat, "bob"), json!({"role": "member"})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_longest_standing_admin_inherits_a_chat_else_the_longest_standing_member() {
    let app = TestApp::builder().person("dave").start().await;
    let chat = app.group("alice", &["bob"]).await;
    for name in ["carol", "dave"] {
        add(&app, chat, "alice", name).await.expect(201);
    }
    for name in ["dave", "carol"] {
        app.as_("alice").patch(&member(&app, chat, name), json!({"role": "admin"})).await.expect(200);
    }
    let leave = async |name: &str| app.as_(name).delete(&member(&app, chat, name)).await.expect(204);
    let role = |name: &str, role: &str| (name.to_owned(), role.to_owned());
    leave("alice").await;
    let expected = [role("bob", "member"), role("carol", "owner"), role("dave", "admin")];
    assert_eq!(roles(&app, chat, "bob").await, expected, "carol was there before dave");
    leave("dave").await;
    leave("carol").await;
    assert_eq!(roles(&app, chat, "bob").await, [role("bob", "owner")]);
    leave("bob").await;
}
