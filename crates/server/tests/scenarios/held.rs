use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{heard, make_group, place, say, serve};
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
    say(&mut server.api(&alice), &chat, "hello");
    (chat, alice, bob)
}

fn hold(api: &mut Api, chat: &str, text: &str, hold_s: i64) -> Value {
    let body = json!({"text": text, "client_id": text.replace(' ', "-"), "hold_s": hold_s});
    api.call("POST", &format!("/v1/chats/{chat}/messages"), Some(&body)).expect("answered").expect(202)
}

fn take_back(api: &mut Api, held: &Value) -> u16 {
    let path = format!("/v1/scheduled/{}", held["id"].as_str().expect("an id"));
    api.call("DELETE", &path, None).expect("answered").status
}

/// What comes on an event stream, until it ends.
fn stream(server: &Server, token: &str) -> mpsc::Receiver<String> {
    let mut wire = TcpStream::connect(server.address).expect("connected");
    let request = format!("GET /v1/events HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\n\r\n");
    wire.write_all(request.as_bytes()).expect("sent");
    let mut lines = BufReader::new(wire).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(": connected")), "it is registered");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || lines.try_for_each(|line| tell.send(line)));
    told
}

/// Everything that somebody is answered about a chat.
fn asked(api: &mut Api, chat: &str) -> String {
    let paths = ["messages", "changes?after=-1", "pins"].map(|part| format!("/v1/chats/{chat}/{part}"));
    let more = ["/v1/chats", "/v1/me/mentions", "/v1/scheduled"].map(str::to_owned);
    let answers = paths.iter().chain(&more).map(|path| api.get(path).expect("answered").expect(200));
    answers.map(|answer| answer.to_string()).collect()
}

#[test]
fn what_was_taken_back_was_never_there_for_anybody_and_the_other_comes_at_its_time() {
    let (_place, data) = place();
    let server = serve(&data);
    let (chat, alice, bob) = group(&server);
    let mut socket = Socket::identify(&server, &bob);
    let events = stream(&server, &bob);
    let before = asked(&mut server.api(&bob), &chat);

    let secret = hold(&mut server.api(&alice), &chat, "@bob secret", 2);
    let listed = server.api(&alice).get("/v1/scheduled").expect("answered").expect(200);
    assert_eq!(listed["items"], json!([secret]));
    assert_eq!(take_back(&mut server.api(&alice), &secret), 204);
    assert_eq!(asked(&mut server.api(&bob), &chat), before);

    let begun = Instant::now();
    let kept = hold(&mut server.api(&alice), &chat, "@bob shown", 2);
    let told = socket.hear(|event| event["message"]["text"] == "@bob shown");
    assert!(begun.elapsed() > Duration::from_secs(2), "not before its time");
    assert_eq!(told["message"]["client_id"], "@bob-shown");
    assert_eq!(take_back(&mut server.api(&alice), &kept), 409);
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.contains("@bob shown")) {
        lines.push(events.recv_timeout(PATIENCE).expect("the stream goes on"));
    }
    let all =
        [Value::from(socket.events.clone()).to_string(), lines.concat(), asked(&mut server.api(&bob), &chat)];
    assert!(all.iter().all(|all| !all.contains("secret")), "nobody ever heard of it: {all:?}");
    eventually("the mention is there", PATIENCE, || {
        asked(&mut server.api(&bob), &chat).matches("@bob shown").count() >= 3
    });
    assert!(server.stop().success());
}

#[test]
fn what_is_held_outlives_a_killed_server_and_a_restart() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (chat, alice, bob) = group(&server);
    let gone = hold(&mut server.api(&alice), &chat, "gone", 5);
    hold(&mut server.api(&alice), &chat, "first", 3);
    hold(&mut server.api(&alice), &chat, "second", 4);
    assert_eq!(take_back(&mut server.api(&alice), &gone), 204);
    server.kill();
    server = serve(&data);
    eventually("what was held is sent", PATIENCE, || {
        heard(&mut server.api(&bob), &chat) == ["hello", "first", "second"]
    });
    let again = json!({"text": "first", "client_id": "first", "hold_s": 3});
    let path = format!("/v1/chats/{chat}/messages");
    server.api(&alice).call("POST", &path, Some(&again)).expect("answered").expect(201);
    assert_eq!(heard(&mut server.api(&bob), &chat), ["hello", "first", "second"]);
    assert!(server.stop().success());
}

#[test]
fn what_somebody_set_is_on_all_their_devices_at_once_and_after_a_restart() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (_, alice, bob) = group(&server);
    let mut devices = [Socket::identify(&server, &alice), Socket::identify(&server, &alice)];
    let path = "/v1/me/settings";
    let set = server.api(&alice).call("PATCH", path, Some(&json!({"undo_s": 10})));
    let set = set.expect("answered").expect(200);
    for device in &mut devices {
        let told = device.hear(|event| event["type"] == "settings_changed");
        assert_eq!(told["settings"], set);
    }
    drop(devices);
    assert!(server.stop().success());
    server = serve(&data);
    assert_eq!(server.api(&alice).get(path).expect("answered").expect(200), set);
    assert_eq!(server.api(&bob).get(path).expect("answered").expect(200)["undo_s"], 0);
    assert!(server.stop().success());
}
