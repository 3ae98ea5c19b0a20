use serde_json::{Value, json};

use super::{make_group, place, serve};
use crate::support::{Api, Server, socket::Socket};

fn send(api: &mut Api, chat: &str, body: Value) -> Value {
    let path = format!("/v1/chats/{chat}/messages");
    api.call("POST", &path, Some(&body)).expect("answered").expect(201)
}

fn add(server: &Server, owner: &str, chat: &str, person: &str) {
    let body = json!({"user": server.api(person).get("/v1/me").expect("answered").expect(200)["id"]});
    let path = format!("/v1/chats/{chat}/members");
    server.api(owner).call("POST", &path, Some(&body)).expect("answered").expect(201);
}

fn get(api: &mut Api, path: &str) -> Value {
    api.get(path).expect("answered").expect(200)
}

#[test]
fn a_reader_outside_gets_the_copy_and_never_the_place_it_was_in() {
    let (_place, data) = place();
    let mut server = serve(&data);
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let private = make_group(&mut server.api(&alice), "Vault");
    let chat = make_group(&mut server.api(&alice), "Harbour");
    add(&server, &alice, &chat, &bob);
    let said = send(&mut server.api(&alice), &private, json!({"text": "the tide", "client_id": "tide"}));
    let mut outside = Socket::identify(&server, &bob);
    let mut inside = Socket::identify(&server, &alice);

    let forward = json!({"client_id": "forward", "forward": {"chat": private, "seq": said["seq"]}});
    let sent = send(&mut server.api(&alice), &chat, forward.clone());
    let place = (&sent["forwarded"]["chat"], &sent["forwarded"]["seq"]);
    assert_eq!(place, (&json!(private), &said["seq"]));
    for socket in [&mut outside, &mut inside] {
        let told = socket.hear(|event| event["message"]["client_id"] == "forward");
        let copy = &told["message"]["forwarded"];
        assert_eq!((&copy["text"], &copy["author"]), (&json!("the tide"), &said["author"]));
        assert_eq!((copy.get("chat"), copy.get("hidden")), (None, None), "the same for all");
    }
    let (seq, path) = (sent["seq"].clone(), format!("/v1/chats/{chat}"));
    let edit = json!({"text": "look"});
    let message = format!("{path}/messages/{seq}");
    server.api(&alice).call("PATCH", &message, Some(&edit)).expect("answered").expect(200);
    outside.hear(|event| event["type"] == "message_edited" && event["message"]["text"] == "look");
    let heard = outside.events.iter().map(ToString::to_string).collect::<String>();
    drop((outside, inside));

    server.kill();
    server = serve(&data);
    let mut again = Socket::identify(&server, &bob);
    send(&mut server.api(&alice), &chat, json!({"text": "last", "client_id": "last"}));
    again.hear(|event| event["message"]["text"] == "last");
    let replayed = again.events.iter().map(ToString::to_string).collect::<String>();
    let mut bob = server.api(&bob);
    let answers: Vec<Value> =
        [&path, &message, &format!("{path}/messages"), &format!("{path}/changes?after=-1"), "/v1/chats"]
            .map(|path| get(&mut bob, path))
            .into();
    assert_eq!(answers[1]["forwarded"]["hidden"], true);
    let all = heard + &replayed + &answers.iter().map(ToString::to_string).collect::<String>();
    assert!(!all.contains(&private), "{all}");
    assert!(all.contains("the tide"), "the premise");
    let repeated = send(&mut server.api(&alice), &chat, forward);
    assert_eq!((&repeated["seq"], &repeated["forwarded"]["chat"]), (&seq, &json!(private)));
    assert!(server.stop().success());
}
