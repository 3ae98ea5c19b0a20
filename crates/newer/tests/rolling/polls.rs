//! What the next version invents: asked for, looked at and counted.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value, json};

use crate::{ear::Known, support::Api};

/// Opens a poll, or has it opened by whoever finishes work.
pub fn open(api: &mut Api, chat: &str, name: &str, closes_in_ms: i64, later: bool) {
    let poll = json!({
        "question": name, "answers": ["yes", "no"], "client_id": name.replace(" ", "-"), "closes_in_ms": closes_in_ms, "later": later,
    });
    let answer = api.call("POST", &format!("/v1/chats/{chat}/polls"), Some(&poll)).expect("answered");
    answer.expect(if later { 202 } else { 201 });
}

pub fn vote(api: &mut Api, chat: &str, seq: i64) {
    let path = format!("/v1/chats/{chat}/polls/{seq}/votes");
    api.call("POST", &path, Some(&json!({"answer": 1}))).expect("answered").expect(200);
}

/// The number of the message of a kind with this text.
pub fn seq(chat: &Known, kind: &str, text: &str) -> Option<i64> {
    chat.messages
        .iter()
        .find(|(_, message)| message["kind"] == kind && message["text"] == text)
        .map(|(seq, _)| *seq)
}

/// How often the timeline says that a poll is closed.
pub fn closings(chat: &Known, poll: i64) -> usize {
    chat.messages
        .values()
        .filter(|message| message["kind"] == "poll_closed" && message["reply_to"] == poll)
        .count()
}

/// Everything foreign in a chat, as a door gives it out, byte for byte.
pub fn foreign(api: &mut Api, id: &str, chat: &Known) -> BTreeMap<i64, String> {
    let foreign =
        chat.messages.iter().filter(|(_, message)| message["kind"].as_str().is_some_and(is_foreign));
    let mut bytes = |seq: i64| api.get(&format!("/v1/chats/{id}/messages/{seq}")).expect("answered").text;
    foreign.map(|(seq, _)| (*seq, bytes(*seq))).collect()
}

fn is_foreign(kind: &str) -> bool {
    kind.starts_with("poll")
}

/// A number that a server counts or shows.
pub fn metric(door: SocketAddr, token: &str, name: &str) -> f64 {
    let text = Api::connect(door, token).expect("a door").get("/metrics").expect("answered").text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

/// A part of a message that is foreign.
pub fn ballot(chat: &Known, seq: i64) -> &Value {
    &chat.messages[&seq]["poll"]
}
