//! Every route, read from the API's own description.

use http::Method;
use petit_testkit::TestApp;
use serde_json::{Value, json};

/// One operation of the document.
pub struct Route {
    pub method: Method,
    pub path: String,
    pub operation: Value,
}

impl Route {
    /// As a table names it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn takes_a_body(&self) -> bool {
        !self.operation["requestBody"].is_null()
    }

    pub fn takes(&self, parameter: &str) -> bool {
        let parameters = self.operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == parameter))
    }
}

/// Every operation that the controllers serve.
pub fn all() -> Vec<Route> {
    let document = serde_json::to_value(petit_api::openapi()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, item): (String, Value)| {
        let operations = item.as_object().expect("operations").clone();
        operations.into_iter().map(move |(method, operation)| {
            let method = method.to_uppercase().parse().expect("a method");
            Route { method, path: path.clone(), operation }
        })
    };
    let served = |route: &Route| !petit_api::GATEWAY_PATHS.contains(&route.path.as_str());
    paths.into_iter().flat_map(of_path).filter(served).collect()
}

/// The path of a route with everything in it that alice may see.
pub async fn address(app: &TestApp, path: &str) -> String {
    if !path.contains('{') {
        return path.to_owned();
    }
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "hello").await;
    let later = json!({"text": "later", "client_id": "later", "send_at": "2026-02-01T00:00:00Z"});
    let scheduled = app.as_("alice").post(&format!("/v1/chats/{chat}/scheduled"), later).await.expect(201);
    path.replace("{scheduled}", scheduled["id"].as_str().expect("an id"))
        .replace("{chat}", &chat.to_string())
        .replace("{user}", &app.id("bob").to_string())
        .replace("{session}", &app.somebody("alice").session.id.to_string())
        .replace("{seq}", "0")
}
