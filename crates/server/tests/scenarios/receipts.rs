//! Who has messages and who saw them: two people with three devices, and a device that was away.

use std::time::Duration;

use serde_json::{Value, json};

use super::{make_group, place, say, serve};
use crate::support::{Server, socket::Socket, wait::eventually};

fn ack(socket: &mut Socket, chat: &str, delivered: i64, seen: i64) {
    socket.say(&json!({"type": "ack", "chats": {chat: {"delivered": delivered, "seen": seen}}}));
}

/// Whether an event tells that somebody has a chat's messages so far.
fn tells(event: &Value, user: &Value, delivered: i64, seen: &Value) -> bool {
    let mut told = event["receipts"].as_array().into_iter().flatten();
    event["type"] == "receipts"
        && told.any(|one| one["user"] == *user && one["delivered"] == delivered && one["seen"] == *seen)
}

fn receipt(server: &Server, viewer: &str, chat: &str, user: &Value) -> Value {
    let listed = server.api(viewer).get(&format!("/v1/chats/{chat}/receipts")).expect("answered").expect(200);
    let found = listed["receipts"].as_array().expect("a list").iter().find(|one| one["user"] == *user);
    found.cloned().unwrap_or_default()
}

#[test]
fn two_people_with_three_devices_know_what_the_other_has_and_saw() {
    let (_place, data) = place();
    let server = serve(&data);
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = make_group(&mut server.api(&alice), "Harbour");
    let bobs_id = server.api(&bob).get("/v1/me").expect("answered").expect(200)["id"].clone();
    let members = format!("/v1/chats/{chat}/members");
    let body = json!({"user": bobs_id});
    server.api(&alice).call("POST", &members, Some(&body)).expect("answered").expect(201);
    let (mut desk, phone) = (Socket::identify(&server, &alice), Socket::identify(&server, &alice));
    let mut bobs = Socket::identify(&server, &bob);
    say(&mut server.api(&alice), &chat, "hello");
    let seq = bobs.hear(|event| event["type"] == "message_created")["seq"].as_i64().expect("a number");
    ack(&mut bobs, &chat, seq, -1);
    desk.hear(|event| tells(event, &bobs_id, seq, &json!(-1)));
    // The phone goes away; what it misses it finds, resumed or not.
    ack(&mut bobs, &chat, seq, seq);
    desk.hear(|event| tells(event, &bobs_id, seq, &json!(seq)));
    let mut phone = Socket::resume(&server, &phone.resume_token, phone.events.len(), &json!({}));
    assert_eq!(receipt(&server, &alice, &chat, &bobs_id)["seen"], seq);
    let viewers = format!("/v1/chats/{chat}/messages/{seq}/viewers");
    let page = server.api(&alice).get(&viewers).expect("answered").expect(200);
    assert_eq!((&page["items"][0]["user"], &page["count"]), (&bobs_id, &json!(1)));
    assert!(page["items"][0]["at"].is_string(), "it is known since when: {page}");

    // Bob hides from now on, for what was before too; what his device has is told as ever.
    let hidden = json!({"receipts": false});
    server.api(&bob).call("PATCH", "/v1/me/settings", Some(&hidden)).expect("answered").expect(200);
    assert_eq!(receipt(&server, &alice, &chat, &bobs_id)["seen"], Value::Null);
    say(&mut server.api(&alice), &chat, "again");
    ack(&mut bobs, &chat, seq + 1, seq + 1);
    for device in [&mut desk, &mut phone] {
        device.hear(|event| tells(event, &bobs_id, seq + 1, &Value::Null));
    }
    // It is kept, whatever becomes of the process.
    server.kill();
    let server = serve(&data);
    let patience = Duration::from_secs(20);
    eventually("it is as it was", patience, || {
        receipt(&server, &alice, &chat, &bobs_id)["delivered"] == seq + 1
    });
}
