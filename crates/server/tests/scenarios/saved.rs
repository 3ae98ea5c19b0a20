use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::{Api, Server, socket::Socket};

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

fn save(api: &mut Api, method: &str, chat: &str, seq: i64) -> Value {
    let path = format!("/v1/chats/{chat}/messages/{seq}/saved");
    let status = if method == "PUT" { 200 } else { 204 };
    api.call(method, &path, None).expect("answered").expect(status)
}

fn saved(api: &mut Api) -> Vec<i64> {
    let page = api.get("/v1/me/saved").expect("answered").expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items.filter_map(|item| item["message"]["seq"].as_i64()).collect()
}

#[test]
fn what_one_saves_is_on_all_their_devices_at_once_and_after_a_killed_server() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (chat, alice, bob) = group(&server);
    let page = server.api(&bob).get(&format!("/v1/chats/{chat}/messages")).expect("answered").expect(200);
    let seq =
        page["items"].as_array().expect("items").last().expect("one")["seq"].as_i64().expect("a number");
    let mut devices = [Socket::identify(&server, &bob), Socket::identify(&server, &bob)];
    let mut other = Socket::identify(&server, &alice);

    let answer = save(&mut server.api(&bob), "PUT", &chat, seq);
    assert_eq!(answer["message"]["text"], "two");
    for device in &mut devices {
        let told = device.hear(|event| event["type"] == "saved_changed");
        assert_eq!((&told["chat"], &told["seq"], &told["saved"]), (&json!(chat), &json!(seq), &json!(true)));
        assert_eq!(told["at"], answer["at"]);
    }
    save(&mut server.api(&bob), "PUT", &chat, seq - 1);
    save(&mut server.api(&bob), "DELETE", &chat, seq);
    for device in &mut devices {
        let told = device.hear(|event| event["type"] == "saved_changed" && event["saved"] == false);
        assert_eq!(told["seq"], seq);
    }
    save(&mut server.api(&bob), "PUT", &chat, seq);
    say(&mut server.api(&bob), &chat, "and on");
    other.hear(|event| event["message"]["text"] == "and on");
    assert!(!other.events.iter().any(|event| event.to_string().contains("saved")), "it is nobody else's");
    assert!(saved(&mut server.api(&alice)).is_empty());

    drop((devices, other));
    server.kill();
    server = serve(&data);
    assert_eq!(saved(&mut server.api(&bob)), [seq, seq - 1]);
    let path = format!("/v1/chats/{chat}/messages/{seq}");
    server.api(&alice).call("DELETE", &path, None).expect("answered").expect(200);
    assert_eq!(saved(&mut server.api(&bob)), [seq - 1], "what was deleted is not listed");
    assert!(server.stop().success());
}
