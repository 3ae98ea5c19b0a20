use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::{Api, Server, socket::Socket, wait::eventually};

/// Longer than a worker that was killed keeps its shards.
const PATIENCE: Duration = Duration::from_secs(60);
const THUMB: &str = "%F0%9F%91%8D";

/// A group of alice and these others, in which somebody spoke; its id and everybody's tokens.
fn group(server: &Server, others: &[&str]) -> (String, Vec<String>) {
    let alice = server.person("alice");
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let mut tokens = vec![alice.clone()];
    for name in others {
        let token = server.person(name);
        let body = json!({"user": server.api(&token).get("/v1/me").expect("answered").expect(200)["id"]});
        let path = format!("/v1/chats/{chat}/members");
        server.api(&alice).call("POST", &path, Some(&body)).expect("answered").expect(201);
        tokens.push(token);
    }
    say(&mut server.api(&alice), &chat, "hello");
    (chat, tokens)
}

/// The number of what alice said.
fn spoken(api: &mut Api, chat: &str) -> Value {
    let page = api.get(&format!("/v1/chats/{chat}/messages")).expect("answered").expect(200);
    page["items"].as_array().expect("items").last().expect("one").clone()
}

fn react(server: &Server, token: &str, method: &str, path: &str) -> Value {
    server.api(token).call(method, path, None).expect("answered").expect(200)
}

fn count(message: &Value) -> i64 {
    message["reactions"][0]["count"].as_i64().unwrap_or(0)
}

fn is_told(event: &Value, so_many: i64) -> bool {
    event["type"] == "message_changed" && count(&event["message"]) == so_many
}

#[test]
fn reactions_arrive_once_and_a_resumed_socket_has_them() {
    let (_place, data) = place();
    let server = serve(&data);
    let (chat, people) = group(&server, &["bob", "carol"]);
    let seq = spoken(&mut server.api(&people[0]), &chat)["seq"].clone();
    let path = format!("/v1/chats/{chat}/messages/{seq}/reactions/{THUMB}");
    let mut listening = Socket::identify(&server, &people[0]);
    for (n, token) in people.iter().enumerate() {
        let answer = react(&server, token, "PUT", &path);
        assert_eq!((count(&answer), &answer["reactions"][0]["mine"]), (n as i64 + 1, &json!(true)));
    }
    let told = listening.hear(|event| is_told(event, 3));
    assert_eq!(told["message"]["reactions"][0].get("mine"), None, "the same for everybody");
    listening.hear(|event| event["type"] == "reacted" && event["message"]["reactions"][0]["mine"] == true);

    // Again changes nothing, and nothing is told: what comes next has the next number.
    react(&server, &people[1], "PUT", &path);
    react(&server, &people[2], "DELETE", &path);
    let next = listening.hear(|event| is_told(event, 2));
    assert_eq!(next["cseq"].as_i64(), told["cseq"].as_i64().map(|cseq| cseq + 1));

    // Somebody who was away, and somebody whose socket goes on exactly.
    let cursors = json!({&chat: {"seq": seq, "cseq": told["cseq"].as_i64().expect("a number") - 1}});
    let (token, received) = (listening.resume_token.clone(), listening.events.len());
    drop(listening);
    react(&server, &people[2], "PUT", &path);
    let mut resumed = Socket::resume(&server, &token, received, &cursors);
    resumed.hear(|event| is_told(event, 3));
    let page = spoken(&mut server.api(&people[2]), &chat);
    assert_eq!((count(&page), &page["reactions"][0]["mine"]), (3, &json!(true)));
    assert_eq!(page["edited_at"], Value::Null);
    assert!(server.stop().success());
}

#[test]
fn a_killed_server_tells_what_was_answered() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (chat, people) = group(&server, &["bob", "carol"]);
    let seq = spoken(&mut server.api(&people[0]), &chat)["seq"].clone();
    let path = format!("/v1/chats/{chat}/messages/{seq}/reactions/{THUMB}");
    for (n, token) in people.iter().enumerate() {
        // The second one at once: its message would follow half a second later.
        react(&server, token, "PUT", &path);
        react(&server, token, "PUT", &path.replace(THUMB, "%E2%9D%A4"));
        server.kill();
        server = serve(&data);
        let whole = |message: &Value| {
            let counts: Vec<i64> = message["reactions"]
                .as_array()
                .map(|all| all.iter().filter_map(|one| one["count"].as_i64()).collect())
                .unwrap_or_default();
            counts == [n as i64 + 1; 2]
        };
        eventually("the message shows what was answered", PATIENCE, || {
            whole(&spoken(&mut server.api(&people[0]), &chat))
        });
    }
    assert!(server.stop().success());
}

/// Twenty people, each on a connection of their own, react and take it back at once, every request twice.
#[test]
fn many_connections_react_at_once_and_are_exact() {
    let (_place, data) = place();
    let server = serve(&data);
    let names: Vec<String> = (0..19).map(|n| format!("guest{n}")).collect();
    let (chat, people) = group(&server, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let seq = spoken(&mut server.api(&people[0]), &chat)["seq"].clone();
    let path = format!("/v1/chats/{chat}/messages/{seq}/reactions/{THUMB}");
    let head = |server: &Server| {
        let chat = server.api(&people[0]).get(&format!("/v1/chats/{chat}")).expect("answered").expect(200);
        chat["head_cseq"].as_i64().expect("a number")
    };
    let (before, begun) = (head(&server), Instant::now());
    for (method, expected) in [("PUT", 20), ("DELETE", 0), ("PUT", 20)] {
        std::thread::scope(|scope| {
            for token in &people {
                scope.spawn(|| (0..2).for_each(|_| drop(react(&server, token, method, &path))));
            }
        });
        eventually("the message counts everybody", PATIENCE, || {
            count(&spoken(&mut server.api(&people[0]), &chat)) == expected
        });
    }
    let list = path.replace(&format!("/{THUMB}"), "?limit=100");
    let set = server.api(&people[0]).get(&list).expect("answered").expect(200);
    assert_eq!(set["items"].as_array().map(Vec::len), Some(20));
    let most = i64::try_from(begun.elapsed().as_millis() / 500).expect("not for ever") + 3;
    let changes = head(&server) - before;
    assert!((3..=most).contains(&changes), "{changes} of at most {most}");
    assert!(server.stop().success());
}
