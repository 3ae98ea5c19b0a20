use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::{Api, Server, socket::Socket};

fn row(api: &mut Api, chat: &str) -> Value {
    let list = api.get("/v1/chats?limit=100").expect("answered").expect(200);
    let rows = list["items"].as_array().expect("items");
    rows.iter().find(|row| row["id"] == chat).expect("it is listed").clone()
}

fn choose(server: &Server, token: &str, chat: &str, body: Value) -> Value {
    let path = format!("/v1/chats/{chat}/me");
    server.api(token).call("PATCH", &path, Some(&body)).expect("answered").expect(200)
}

fn is_told(event: &Value, me: &Value) -> bool {
    event["type"] == "choices_changed" && event["me"] == *me
}

#[test]
fn what_one_chooses_is_on_all_their_devices_at_once_and_after_a_restart() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let body = json!({"user": server.api(&bob).get("/v1/me").expect("answered").expect(200)["id"]});
    let members = format!("/v1/chats/{chat}/members");
    server.api(&alice).call("POST", &members, Some(&body)).expect("answered").expect(201);
    say(&mut server.api(&alice), &chat, "one");
    let mut devices = [Socket::identify(&server, &bob), Socket::identify(&server, &bob)];
    let mut other = Socket::identify(&server, &alice);

    let chosen = json!({"section": "Work", "favourite": true, "level": "mentions", "hidden": true});
    let hidden = choose(&server, &bob, &chat, chosen);
    assert_eq!((&hidden["hidden"], &hidden["section"]), (&json!(true), &json!("Work")));
    for device in &mut devices {
        device.hear(|event| is_told(event, &hidden));
    }
    assert_eq!(row(&mut server.api(&bob), &chat)["me"], hidden);
    assert_eq!(row(&mut server.api(&alice), &chat).get("me"), None);

    // It is there again with the next message, which nobody had to be told.
    say(&mut server.api(&alice), &chat, "two");
    let shown = row(&mut server.api(&bob), &chat);
    assert_eq!((shown["me"].get("hidden"), &shown["me"]["favourite"]), (None, &json!(true)));

    let head = shown["head_seq"].as_i64().expect("a number");
    let marker = format!("/v1/chats/{chat}/read-marker");
    server.api(&bob).call("PUT", &marker, Some(&json!({"seq": head}))).expect("answered").expect(200);
    let called = choose(&server, &bob, &chat, json!({"unread_from": head - 1}));
    let told = devices[1].hear(|event| is_told(event, &called));
    assert_eq!((&told["unread"], &told["read_seq"]), (&json!(2), &json!(head)));
    other.hear(|event| event["message"]["text"] == "two");
    assert!(
        !other.events.iter().any(|event| event.to_string().contains("choices_changed")),
        "it is nobody else's"
    );

    drop((devices, other));
    assert!(server.stop().success());
    server = serve(&data);
    let before = row(&mut server.api(&bob), &chat);
    assert_eq!((&before["me"], &before["unread"]), (&called, &json!(2)));
    say(&mut server.api(&bob), &chat, "mine");
    let after = row(&mut server.api(&bob), &chat);
    assert_eq!((after["me"].get("unread_from"), &after["unread"]), (None, &json!(0)));
    assert!(server.stop().success());
}
