use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::Api;

/// Longer than a worker that was killed keeps its shards.
const PATIENCE: Duration = Duration::from_secs(60);

fn me(api: &mut Api) -> Value {
    api.get("/v1/me").expect("answered").expect(200)["id"].clone()
}

/// The texts that mention somebody, newest first.
fn mentions(api: &mut Api) -> Vec<String> {
    let page = api.get("/v1/me/mentions?limit=100").expect("answered").expect(200);
    let items = page["items"].as_array().expect("a list");
    items.iter().map(|item| item["message"]["text"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn a_killed_server_loses_and_doubles_no_mention() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let body = json!({"user": me(&mut server.api(&bob))});
    let path = format!("/v1/chats/{chat}/members");
    server.api(&alice).call("POST", &path, Some(&body)).expect("answered").expect(201);
    let mut expected = Vec::new();
    for (n, after_ms) in [0, 1, 5, 20, 80, 300].into_iter().enumerate() {
        let words = format!("@bob {n}");
        say(&mut server.api(&alice), &chat, &words);
        expected.insert(0, words);
        // At once, or in the midst of what follows.
        std::thread::sleep(Duration::from_millis(after_ms));
        server.kill();
        server = serve(&data);
    }
    let begun = Instant::now();
    while mentions(&mut server.api(&bob)) != expected {
        assert!(begun.elapsed() < PATIENCE, "{:?}", mentions(&mut server.api(&bob)));
        std::thread::sleep(Duration::from_millis(100));
    }
    let row = server.api(&bob).get(&format!("/v1/chats/{chat}")).expect("answered").expect(200);
    assert_eq!(row["mentions"], expected.len(), "each is counted once");
    let doctor = server.petit(&["doctor"]);
    assert!(doctor.contains("mentions"), "{doctor}");
    assert!(server.stop().success());
}
