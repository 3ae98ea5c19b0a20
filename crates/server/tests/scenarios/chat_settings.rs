use serde_json::{Value, json};

use super::{make_group, place, serve};
use crate::support::{Server, socket::Socket};

/// A group of alice, who owns it, and bob; its path, and both.
fn group(server: &Server) -> (String, String, String) {
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let body = json!({"user": server.api(&bob).get("/v1/me").expect("answered").expect(200)["id"]});
    let path = format!("/v1/chats/{chat}");
    server.api(&alice).call("POST", &format!("{path}/members"), Some(&body)).expect("answered").expect(201);
    (path, alice, bob)
}

fn set(server: &Server, alice: &str, path: &str, settings: &Value) -> Value {
    server.api(alice).call("PATCH", path, Some(settings)).expect("answered").expect(200)
}

/// The status and code that bob's message gets.
fn says(server: &Server, bob: &str, path: &str, client_id: &str) -> (u16, Value) {
    let body = json!({"text": "hello", "client_id": client_id});
    let answer = server.api(bob).call("POST", &format!("{path}/messages"), Some(&body)).expect("answered");
    (answer.status, answer.body["code"].clone())
}

fn listed(server: &Server, bob: &str, archived: bool) -> usize {
    let path = format!("/v1/chats?archived={archived}");
    let page = server.api(bob).get(&path).expect("answered").expect(200);
    page["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn settings_are_told_once_obeyed_at_once_and_survive_a_killed_server() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (path, alice, bob) = group(&server);
    let mut listening = Socket::identify(&server, &bob);
    let before = server.api(&bob).get(&path).expect("answered").expect(200)["head_cseq"].as_i64();

    let wanted = json!({"topic": "Bread", "description": "For all\nwho bake", "posting": "admins"});
    let all = json!({"topic": "Bread", "description": "For all\nwho bake", "archived": false, "posting": "admins", "slow_s": 0});
    set(&server, &alice, &path, &wanted);
    let told = listening.hear(|event| event["type"] == "chat_changed");
    assert_eq!((told["cseq"].as_i64(), &told["n"]), (before.map(|cseq| cseq + 1), &json!("cseq")));
    assert_eq!(told["settings"], all);
    assert_eq!(says(&server, &bob, &path, "a"), (403, json!("admins_only")));
    // Again changes nothing, and nothing is told: what comes next has the next number.
    set(&server, &alice, &path, &wanted);
    set(&server, &alice, &path, &json!({"posting": "all", "slow_s": 600}));
    let next = listening.hear(|event| event["settings"]["slow_s"] == 600);
    assert_eq!(next["cseq"].as_i64(), told["cseq"].as_i64().map(|cseq| cseq + 1));
    assert_eq!(says(&server, &bob, &path, "a").0, 201);
    assert_eq!(says(&server, &bob, &path, "b"), (429, json!("slow_mode")));
    assert_eq!(says(&server, &bob, &path, "a").0, 201, "the same again");

    server.kill();
    server = serve(&data);
    assert_eq!(says(&server, &bob, &path, "b"), (429, json!("slow_mode")), "whoever is asked");
    set(&server, &alice, &path, &json!({"archived": true, "slow_s": 0}));
    assert_eq!(says(&server, &bob, &path, "b"), (403, json!("archived")));
    assert_eq!((listed(&server, &bob, false), listed(&server, &bob, true)), (0, 1));
    set(&server, &alice, &path, &json!({"archived": false}));
    assert_eq!(says(&server, &bob, &path, "b").0, 201);
    assert_eq!((listed(&server, &bob, false), listed(&server, &bob, true)), (1, 0));
    assert!(server.stop().success());
}
