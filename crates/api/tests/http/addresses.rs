//! Paths: foreign ids, things that are no ids, unknown paths and methods.

use http::Method;
use petit_testkit::TestApp;
use serde_json::json;

use crate::routes;

/// A body that every route with one takes.
fn fitting(path: &str, app: &TestApp) -> serde_json::Value {
    match path.rsplit('/').next() {
        Some("members") => json!({"user": app.id("bob")}),
        Some("messages") => json!({"text": "a", "client_id": "b"}),
        Some("scheduled") => json!({"text": "a", "client_id": "b", "send_at": "2026-02-01T00:00:00Z"}),
        Some("settings") => json!({"undo_s": 10}),
        Some("read-marker") => json!({"seq": 0}),
        Some("me") if path.contains("{chat}") => json!({"favourite": true}),
        Some("{seq}" | "{scheduled}") => json!({"text": "a"}),
        Some("{user}") => json!({"role": "admin"}),
        _ => json!({"name": "a"}),
    }
}

async fn ask(app: &TestApp, route: &routes::Route, address: &str) -> petit_testkit::Answer {
    let body = route.takes_a_body().then(|| fitting(&route.path, app));
    let query = if route.path.ends_with("/changes") { "?after=-1" } else { "" };
    app.as_("alice").call(route.method.clone(), &format!("{address}{query}"), body).await
}

fn parameters(path: &str) -> Vec<&str> {
    ["{chat}", "{user}", "{seq}", "{session}", "{scheduled}"]
        .into_iter()
        .filter(|name| path.contains(name))
        .collect()
}

/// Taking out who or what is not in is done already, whatever it is.
fn is_harmless(route: &routes::Route, parameter: &str) -> bool {
    matches!(
        (route.name().as_str(), parameter),
        ("DELETE /v1/chats/{chat}/members/{user}", "{user}")
            | ("DELETE /v1/chats/{chat}/messages/{seq}/saved", "{seq}")
    )
}

#[tokio::test]
async fn an_id_of_nothing_is_not_found_on_every_route() {
    let app = TestApp::start().await;
    let nothing = "01890000-0000-7000-8000-000000000000";
    for route in routes::all() {
        for parameter in parameters(&route.path) {
            let foreign = if parameter == "{seq}" { "99" } else { nothing };
            let address = routes::address(&app, &route.path.replace(parameter, foreign)).await;
            let answer = ask(&app, &route, &address).await;
            if is_harmless(&route, parameter) {
                answer.expect(204);
            } else {
                answer.refused(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_id_is_not_found_on_every_route() {
    let app = TestApp::start().await;
    for route in routes::all() {
        for parameter in parameters(&route.path) {
            for bad in ["nothing", "%00", "%ff", "9999999999999999999999", "1e3", "%2e%2e"] {
                let address = routes::address(&app, &route.path.replace(parameter, bad)).await;
                ask(&app, &route, &address).await.refused(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn unknown_paths_are_problems_too() {
    let app = TestApp::start().await;
    for path in ["/v1/unknown", "/v1/chats/a/b/c/d", "/v1/me/", "/v1/"] {
        app.as_("alice").get(path).await.refused(404, "not_found");
        app.anonymous().get(path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn methods_that_a_path_does_not_take_are_problems_too() {
    let app = TestApp::start().await;
    for route in routes::all() {
        let address = routes::address(&app, &route.path).await;
        let answer = app.as_("alice").call(Method::TRACE, &address, None).await;
        answer.refused(405, "method_not_allowed");
    }
}
