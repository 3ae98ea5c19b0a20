//! The description is whole, fresh and served.

use std::collections::BTreeSet;

use petit_testkit::TestApp;
use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(petit_api::openapi()).expect("a document")
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30, "the premise: there are references");
    for reference in found {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn the_committed_document_is_fresh() {
    let committed: Value =
        serde_json::from_str(include_str!("../../../../openapi.json")).expect("a document");
    assert!(committed == document(), "openapi.json is stale: run bin/gen");
}

#[test]
fn what_only_sockets_carry_is_described() {
    let document = document();
    for name in
        ["Event", "ServerFrame", "Problem", "ChatId", "MessageId", "SessionId", "UserId", "PresenceInfo"]
    {
        assert!(document["components"]["schemas"][name].is_object(), "{name} is missing");
    }
    assert_eq!(document["components"]["schemas"]["ChatId"]["format"], "chat-id");
    for path in petit_api::GATEWAY_PATHS {
        assert!(document["paths"][path]["get"].is_object(), "{path} is missing");
    }
}

#[test]
fn unions_are_told_apart_by_their_type() {
    let document = document();
    for name in ["Event", "ServerFrame"] {
        let variants = document["components"]["schemas"][name]["oneOf"].as_array().expect("variants").clone();
        assert!(variants.len() > 8);
        let types: BTreeSet<String> =
            variants.iter().map(|variant| variant["properties"]["type"]["enum"][0].to_string()).collect();
        assert_eq!(types.len(), variants.len(), "{name}");
        for variant in &variants {
            let required = variant["required"].as_array().expect("a list");
            assert!(required.contains(&Value::from("type")), "{variant}");
        }
    }
}

#[test]
fn what_may_be_null_is_always_there() {
    let document = document();
    let chat = &document["components"]["schemas"]["Chat"];
    let required = chat["required"].as_array().expect("a list");
    // What nobody chose and what is as in a new chat is left out, and never null.
    let left_out = ["me", "topic", "description", "archived", "posting", "slow_s"];
    let fields = chat["properties"].as_object().expect("fields").keys();
    for field in fields.filter(|field| !left_out.contains(&field.as_str())) {
        assert!(required.contains(&Value::from(field.as_str())), "{field}");
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_served_to_anybody() {
    let app = TestApp::start().await;
    assert_eq!(app.anonymous().get("/openapi.json").await.expect(200), document());
    let page = app.anonymous().get("/docs").await.expect(200);
    let page = page.as_str().expect("a page");
    for path in document()["paths"].as_object().expect("paths").keys() {
        assert!(page.contains(path.as_str()), "{path}");
    }
    assert!(!page.contains("<script"));
}
