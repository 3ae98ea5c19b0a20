//! An embedded installation moves into the database of a cluster.

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod support;

use std::{path::PathBuf, time::Duration};

use petit_ports::{Clock, SystemClock};
use serde_json::{Value, json};
use support::{Api, Server, cluster::parts, process::command, wait::eventually};

fn call(api: &mut Api, method: &str, path: &str, body: Option<Value>) -> Value {
    let answer = api.call(method, path, body.as_ref()).expect("answered");
    assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
    answer.body
}

/// Everything somebody sees: their chats, messages with their history, members.
fn everything(api: &mut Api) -> Vec<Value> {
    let mut seen: Vec<Value> =
        ["/v1/me", "/v1/people?prefix=", "/v1/scheduled", "/v1/me/settings", "/v1/me/saved"]
            .map(|path| call(api, "GET", path, None))
            .into();
    let chats = call(api, "GET", "/v1/chats?limit=100", None);
    for chat in chats["items"].as_array().expect("a list") {
        let path = format!("/v1/chats/{}", chat["id"].as_str().expect("an id"));
        for part in
            ["", "/messages?limit=100", "/members?limit=100", "/changes?after=-1", "/read-marker", "/pins"]
        {
            let mut answer = call(api, "GET", &format!("{path}{part}"), None);
            // A cursor is signed for its server.
            answer.as_object_mut().map(|answer| answer.remove("next"));
            seen.push(answer);
        }
    }
    seen.push(chats["items"].clone());
    seen
}

#[test]
#[ignore = "needs bin/cluster up"]
fn an_embedded_installation_moves_into_the_cluster_with_everything() {
    let place = tempfile::tempdir().expect("a folder");
    let (old, new) = (place.path().join("old"), place.path().join("new"));
    let program = PathBuf::from(env!("CARGO_BIN_EXE_petit"));
    let server = Server::start(&program, &old, &["--demo"]);
    let token = server.petit(&["token", "create", "alice"]).lines().last().expect("a token").to_owned();
    let mut alice = server.api(&token);
    let chat =
        call(&mut alice, "POST", "/v1/chats", Some(json!({"kind": "open", "name": "Big", "members": []})));
    let path = format!("/v1/chats/{}/messages", chat["id"].as_str().expect("an id"));
    for n in 0..150 {
        call(
            &mut alice,
            "POST",
            &path,
            Some(json!({"text": format!("number {n}"), "client_id": format!("n{n}")})),
        );
    }
    for n in (0..150).step_by(10) {
        call(&mut alice, "PATCH", &format!("{path}/{n}"), Some(json!({"text": format!("edited {n}")})));
    }
    call(&mut alice, "PATCH", &format!("{path}/0"), Some(json!({"text": "edited again"})));
    call(&mut alice, "DELETE", &format!("{path}/5"), None);
    for (seq, emoji) in
        [(7, "%F0%9F%91%8D%F0%9F%8F%BD"), (7, "%E2%9D%A4"), (5, "%E2%9D%A4"), (149, "%F0%9F%8E%89")]
    {
        let reaction = format!("{path}/{seq}/reactions/{emoji}");
        if seq == 5 {
            let refused = alice.call("PUT", &reaction, None).expect("answered");
            assert_eq!(refused.status, 409, "it is deleted");
        } else {
            call(&mut alice, "PUT", &reaction, None);
        }
    }
    let source = chat["id"].clone();
    let forward = json!({"client_id": "forward", "forward": {"chat": source, "seq": 7}});
    call(&mut alice, "POST", &path, Some(forward));
    for seq in [149, 3] {
        call(&mut alice, "PUT", &format!("{path}/{seq}/pin"), None);
    }
    for seq in [9, 149, 5] {
        let saved = alice.call("PUT", &format!("{path}/{seq}/saved"), None).expect("answered");
        assert_eq!(saved.status, if seq == 5 { 404 } else { 200 }, "{}", saved.body);
    }
    let settings = json!({"topic": "Bread", "description": "a\nb", "slow_s": 5, "posting": "admins"});
    call(&mut alice, "PATCH", path.strip_suffix("/messages").expect("a chat"), Some(settings));
    let who = call(&mut alice, "GET", &format!("{path}/7/reactions"), None);
    assert_eq!(who["items"].as_array().map(Vec::len), Some(2), "the premise: somebody reacted");
    for (seq, kinds) in [(7, 2), (149, 1)] {
        eventually("a message shows its reactions", Duration::from_secs(20), || {
            let message = alice.get(&format!("{path}/{seq}")).expect("answered").expect(200);
            message["reactions"].as_array().map(Vec::len) == Some(kinds)
        });
    }
    let choices = path.replace("/messages", "/me");
    call(
        &mut alice,
        "PATCH",
        &choices,
        Some(json!({"section": "Harbour", "level": "mentions", "unread_from": 3})),
    );
    call(&mut alice, "PATCH", &choices, Some(json!({"favourite": true, "hidden": true})));
    let in_a_week = SystemClock.now().plus_seconds(7 * 24 * 3600);
    let later = json!({"text": "later", "client_id": "later", "send_at": in_a_week});
    let scheduled = path.replace("/messages", "/scheduled");
    call(&mut alice, "POST", &scheduled, Some(later));
    call(&mut alice, "PATCH", "/v1/me/settings", Some(json!({"undo_s": 20})));
    let before = everything(&mut alice);
    assert_eq!(before[3]["undo_s"], 20, "the premise: something is set");
    assert_eq!(before[4]["items"].as_array().map(Vec::len), Some(2), "the premise: something is saved");
    assert_eq!(before[2]["items"][0]["text"], "later", "the premise: something waits");
    let chosen = before.last().and_then(Value::as_array).expect("chats");
    let big = chosen.iter().find(|row| row["name"] == "Big").expect("it is listed");
    assert_eq!(
        (&big["me"]["section"], &big["me"]["unread_from"]),
        (&json!("Harbour"), &json!(3)),
        "the premise"
    );
    assert!(before.len() > 10, "the premise: there is something to move");
    server.stop();

    std::fs::create_dir_all(&new).expect("a folder");
    let name: String = place.path().to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
    let config = format!(
        "[server]\nsecret_file = \"{}\"\n[store]\nkind = \"scylla\"\nnodes = [\"{}\"]\n\
         keyspace = \"petit_tests\"\nreplication = 1\nspace = \"{name}\"\n",
        old.join("secret").display(),
        parts()["CASSANDRA"]
    );
    std::fs::write(new.join("petit.toml"), config).expect("a file");
    for turn in 0..2 {
        let mut migrate = command(&program);
        migrate.args(["migrate-store", "--data"]).arg(&old).arg("--to").arg(new.join("petit.toml"));
        let output = migrate.output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "turn {turn}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(told.contains("Copied and compared"), "{told}");
    }

    let server = Server::start(&program, &new, &[]);
    let mut alice = server.api(&token);
    for (old, new) in before.iter().zip(everything(&mut alice)) {
        assert_eq!(*old, new);
    }
    assert_eq!(call(&mut alice, "GET", &format!("{path}/7/reactions"), None)["items"], who["items"]);
    let repeated = json!({"text": "number 7", "client_id": "n7"});
    assert_eq!(call(&mut alice, "POST", &path, Some(repeated))["seq"], 7, "a repeat is still known");
    assert_eq!(call(&mut alice, "POST", &path, Some(json!({"text": "on", "client_id": "on"})))["seq"], 151);
}
