//! Pages, limits and cursors of every list.

use http::Method;
use petit_app::receipts;
use petit_domain::Acked;
use petit_ports::MentionedBy;
use petit_testkit::TestApp;
use serde_json::json;

use crate::routes;

/// A list for which the server gives a cursor at `limit=1`.
async fn lists(app: &TestApp) -> Vec<String> {
    let chat = app.group("alice", &["bob"]).await;
    for name in ["Garden", "Garage"] {
        app.as_("alice").post("/v1/chats", json!({"kind": "open", "name": name})).await.expect(201);
    }
    for text in ["one", "two"] {
        app.as_("alice").say(chat, text).await;
        let client_id = format!("{text}-later");
        let later = json!({"text": text, "client_id": client_id, "send_at": "2026-02-01T00:00:00Z"});
        app.as_("alice").post(&format!("/v1/chats/{chat}/scheduled"), later).await.expect(201);
    }
    for text in ["@alice one", "@alice two"] {
        let message = app.as_("bob").say(chat, text).await;
        let (seq, at, version) = (message.seq, message.created_at, message.cseq);
        let mentioned = MentionedBy { chat, seq, at, version, people: vec![app.id("alice")] };
        app.store().mentions.settle(&mentioned).await.expect("settles");
    }
    for name in ["alice", "bob"] {
        let path = format!("/v1/chats/{chat}/messages/0/reactions/%F0%9F%91%8D");
        app.as_(name).call(Method::PUT, &path, None).await.expect(200);
    }
    for seq in [0, 1] {
        let path = format!("/v1/chats/{chat}/messages/{seq}/pin");
        app.as_("bob").call(Method::PUT, &path, None).await.expect(200);
        let path = format!("/v1/chats/{chat}/messages/{seq}/saved");
        app.as_("alice").call(Method::PUT, &path, None).await.expect(200);
    }
    app.as_("alice")
        .post(&format!("/v1/chats/{chat}/members"), json!({"user": app.id("carol")}))
        .await
        .expect(201);
    let last = app.as_("alice").say(chat, "three").await.seq;
    for name in ["bob", "carol"] {
        let acked = vec![(chat, Acked { delivered: last, seen: last })];
        receipts::ack(&app.app, app.id(name), acked).await.expect("it is taken");
    }
    app.settle().await;
    let viewers = format!("messages/{last}/viewers");
    let of_chat = ["members", "messages", "messages/0/reactions", &viewers, "pins"]
        .map(|list| format!("/v1/chats/{chat}/{list}"));
    let others =
        ["/v1/chats", "/v1/me/mentions", "/v1/me/saved", "/v1/open-chats", "/v1/people", "/v1/scheduled"]
            .map(str::to_owned);
    of_chat.into_iter().chain(others).collect()
}

#[tokio::test]
async fn every_list_with_a_cursor_is_tested_here() {
    let app = TestApp::start().await;
    let described = routes::all().into_iter().filter(|route| route.takes("cursor")).count();
    assert_eq!(lists(&app).await.len(), described);
}

#[tokio::test]
async fn a_cursor_goes_on_where_the_page_ended() {
    let app = TestApp::start().await;
    for list in lists(&app).await {
        let (one_by_one, at_once) =
            (app.as_("alice").all(&list, 1).await, app.as_("alice").all(&list, 100).await);
        assert!(at_once.len() >= 2, "the premise: {list} has several pages");
        let mut sorted = one_by_one.clone();
        if list.ends_with("/messages") {
            sorted.reverse();
        }
        assert_eq!(sorted, at_once, "{list}");
    }
}

#[tokio::test]
async fn a_made_up_cursor_is_refused_on_every_list() {
    let app = TestApp::start().await;
    for list in lists(&app).await {
        for bad in ["", "a", "a.b", "eyJhIjoxfQ", "%00", "%ff", "eyJhIjoxfQ.eyJhIjoxfQ"] {
            let address = format!("{list}?cursor={bad}");
            app.as_("alice").get(&address).await.refused(400, "invalid_cursor");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_one_list_is_refused_by_every_other() {
    let app = TestApp::start().await;
    let lists = lists(&app).await;
    for from in &lists {
        let page = app.as_("alice").get(&format!("{from}?limit=1")).await.expect(200);
        let cursor = page["next"].as_str().expect("there is a next page").to_owned();
        for to in lists.iter().filter(|to| *to != from) {
            let answer = app.as_("alice").get(&format!("{to}?cursor={cursor}")).await;
            answer.refused(400, "invalid_cursor");
        }
        let tampered = format!("{from}?cursor=A{cursor}");
        app.as_("alice").get(&tampered).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn a_cursor_of_ones_own_chats_is_no_good_to_others() {
    let app = TestApp::start().await;
    let _ = lists(&app).await;
    let page = app.as_("alice").get("/v1/chats?limit=1").await.expect(200);
    let address = format!("/v1/chats?cursor={}", page["next"].as_str().expect("a next page"));
    app.as_("bob").get(&address).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn a_limit_is_at_least_one_and_counts_as_at_most_a_hundred() {
    let app = TestApp::start().await;
    for list in lists(&app).await {
        for bad in ["0", "-1", "a", "1.5", "", "99999999999999999999"] {
            let address = format!("{list}?limit={bad}");
            app.as_("alice").get(&address).await.refused(400, "invalid_parameter");
        }
        for good in ["1", "100", "101", "5000000000"] {
            app.as_("alice").get(&format!("{list}?limit={good}")).await.expect(200);
        }
    }
}
