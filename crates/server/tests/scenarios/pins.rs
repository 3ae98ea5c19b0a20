use std::time::Duration;

use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::{Api, Server, socket::Socket, wait::eventually};

/// Longer than a worker that was killed keeps its shards.
const PATIENCE: Duration = Duration::from_secs(60);

/// A group of alice and bob in which alice spoke; its id, and both.
fn group(server: &Server) -> (String, String, String) {
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let body = json!({"user": server.api(&bob).get("/v1/me").expect("answered").expect(200)["id"]});
    let path = format!("/v1/chats/{chat}/members");
    server.api(&alice).call("POST", &path, Some(&body)).expect("answered").expect(201);
    for text in ["one", "two"] {
        say(&mut server.api(&alice), &chat, text);
    }
    (chat, alice, bob)
}

fn newest(api: &mut Api, chat: &str) -> Value {
    let page = api.get(&format!("/v1/chats/{chat}/messages")).expect("answered").expect(200);
    page["items"].as_array().expect("items").last().expect("one").clone()
}

fn pin(api: &mut Api, method: &str, chat: &str, seq: i64) -> Value {
    let path = format!("/v1/chats/{chat}/messages/{seq}/pin");
    api.call(method, &path, None).expect("answered").expect(200)
}

fn pinned(api: &mut Api, chat: &str) -> Vec<i64> {
    let page = api.get(&format!("/v1/chats/{chat}/pins")).expect("answered").expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items.filter_map(|item| item["message"]["seq"].as_i64()).collect()
}

#[test]
fn a_pin_is_told_once_and_survives_a_killed_server() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (chat, alice, bob) = group(&server);
    let last = newest(&mut server.api(&alice), &chat);
    let (seq, before) = (last["seq"].as_i64().expect("a number"), last["cseq"].clone());
    let mut listening = Socket::identify(&server, &alice);
    let says = |event: &Value, pinned: bool| {
        event["type"] == "message_changed" && (event["message"]["pinned"] == true) == pinned
    };

    let answer = pin(&mut server.api(&bob), "PUT", &chat, seq);
    assert_eq!((&answer["pinned"], &answer["edited_at"]), (&json!(true), &Value::Null));
    let told = listening.hear(|event| says(event, true));
    assert_eq!(told["message"]["seq"], seq);
    assert!(told["cseq"].as_i64() > before.as_i64());
    // Again changes nothing, and nothing is told: what comes next has the next number.
    pin(&mut server.api(&alice), "PUT", &chat, seq);
    pin(&mut server.api(&alice), "DELETE", &chat, seq);
    let next = listening.hear(|event| says(event, false));
    assert_eq!(next["cseq"].as_i64(), told["cseq"].as_i64().map(|cseq| cseq + 1));

    pin(&mut server.api(&alice), "PUT", &chat, seq - 1);
    pin(&mut server.api(&bob), "PUT", &chat, seq);
    server.kill();
    server = serve(&data);
    eventually("what was pinned is listed", PATIENCE, || {
        pinned(&mut server.api(&bob), &chat) == [seq, seq - 1]
            && newest(&mut server.api(&alice), &chat)["pinned"] == true
    });
    server
        .api(&alice)
        .call("DELETE", &format!("/v1/chats/{chat}/messages/{seq}"), None)
        .expect("answered")
        .expect(200);
    assert_eq!(pinned(&mut server.api(&bob), &chat), [seq - 1], "it is gone with its message");
    assert!(server.stop().success());
}
