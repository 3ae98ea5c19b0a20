//! Stories of the real binary, told from outside.

mod chat_settings;
mod choices;
mod command_line;
mod drain;
mod folder;
mod forward;
mod front;
mod held;
mod mentions;
mod pins;
mod reactions;
mod receipts;
mod safekeeping;
mod saved;
mod start;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod support;

use std::path::{Path, PathBuf};

use serde_json::json;
use support::{Api, Server};
use tempfile::TempDir;

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_petit"))
}

/// An empty place, and a data folder in it that is not there yet, or says nothing but where everything is.
fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("data");
    if support::cluster::is_chosen() {
        support::cluster::configure(&data);
    }
    (place, data)
}

fn serve(data: &Path) -> Server {
    Server::start(&program(), data, &[])
}

/// Runs a command to its end: whether it succeeded, what it printed and what it complained about.
fn run(words: &[&str]) -> (bool, String, String) {
    let output = support::process::command(&program()).args(words).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// Makes a group; answers its id.
fn make_group(api: &mut Api, name: &str) -> String {
    let made = api.call("POST", "/v1/chats", Some(&json!({"kind": "group", "name": name, "members": []})));
    made.expect("answered").expect(201)["id"].as_str().expect("an id").to_owned()
}

fn say(api: &mut Api, chat: &str, words: &str) {
    let message = json!({"text": words, "client_id": words.replace(' ', "-")});
    let sent = api.call("POST", &format!("/v1/chats/{chat}/messages"), Some(&message));
    sent.expect("answered").expect(201);
}

fn heard(api: &mut Api, chat: &str) -> Vec<String> {
    let page = api.get(&format!("/v1/chats/{chat}/messages")).expect("answered").expect(200);
    let items = page["items"].as_array().expect("a list");
    items
        .iter()
        .filter(|message| message["kind"] == "text")
        .map(|m| m["text"].as_str().expect("text").to_owned())
        .collect()
}
