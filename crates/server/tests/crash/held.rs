//! Kills the server while messages are held: each is sent once, or was taken back and never seen.

use std::{
    collections::BTreeMap,
    path::Path,
    thread::{self, sleep},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    dice::Dice,
    support::{Api, Server, wait::eventually},
};

/// The longest life of a server and the longest time to think again, in milliseconds; a message is held for a second.
const LONGEST_LIFE: usize = 1_300;
const PATIENCE: Duration = Duration::from_secs(20);

/// What has to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Sent,
    Gone,
    /// Nobody was answered.
    Unknown,
}

pub fn suffer(program: &Path, seed: u64, rounds: usize) {
    eprintln!("PETIT_CRASH_SEED={seed}");
    let place = tempfile::tempdir().expect("a folder");
    let mut dice = Dice::new(seed);
    let server = Server::start(program, place.path(), &[]);
    let (alice, bob) = (server.person("alice"), server.person("bob"));
    let chat = group(&server, &alice, &bob);
    assert_eq!(server.stop().code(), Some(0));
    let mut fates = BTreeMap::new();
    for round in 0..rounds {
        let server = Server::start(program, place.path(), &[]);
        let (text, takes_back) = (format!("round-{round}"), dice.below(3) == 0);
        let (life, wait) = (dice.millis(LONGEST_LIFE), dice.millis(LONGEST_LIFE));
        let mut api = server.api(&alice);
        let fate = thread::scope(|scope| {
            scope.spawn(|| {
                sleep(life);
                server.signal(Signal::KILL);
            });
            live(&mut api, &chat, &text, takes_back.then_some(wait))
        });
        server.kill();
        fates.insert(text, fate);
    }
    let server = Server::start(program, place.path(), &[]);
    eventually("nothing waits any more", PATIENCE, || !waits(&server, &alice));
    let messages = log(&server, &bob, &chat);
    judge(&messages, &fates);
    assert_eq!(server.stop().code(), Some(0));
}

/// Has a message held, and takes it back after a while or not at all; answers what has to become of it. The server may
/// be gone at any moment.
fn live(api: &mut Api, chat: &str, text: &str, takes_back_after: Option<Duration>) -> Fate {
    let body = json!({"text": text, "client_id": text, "hold_s": 1});
    let Ok(answer) = api.call("POST", &format!("/v1/chats/{chat}/messages"), Some(&body)) else {
        return Fate::Unknown;
    };
    let held = answer.expect(202);
    let Some(after) = takes_back_after else { return Fate::Sent };
    sleep(after);
    let path = format!("/v1/scheduled/{}", held["id"].as_str().expect("an id"));
    match api.call("DELETE", &path, None).map(|answer| answer.status) {
        Ok(204) => Fate::Gone,
        Ok(409) => Fate::Sent,
        Ok(other) => panic!("{text}: {other}"),
        Err(_) => Fate::Unknown,
    }
}

fn judge(messages: &[Value], fates: &BTreeMap<String, Fate>) {
    let seqs: Vec<i64> = messages.iter().filter_map(|message| message["seq"].as_i64()).collect();
    assert_eq!(seqs, (0..messages.len() as i64).collect::<Vec<_>>(), "no gap, nothing doubled");
    for (text, fate) in fates {
        let times = messages.iter().filter(|message| message["text"] == *text).count();
        match fate {
            Fate::Sent => assert_eq!(times, 1, "{text}"),
            Fate::Gone => assert_eq!(times, 0, "{text} was taken back"),
            Fate::Unknown => assert!(times <= 1, "{text}: {times}"),
        }
    }
    let of = |fate| fates.values().filter(|one| **one == fate).count();
    eprintln!("{} sent, {} taken back, {} unknown", of(Fate::Sent), of(Fate::Gone), of(Fate::Unknown));
    assert!(of(Fate::Sent) > 0, "the premise");
}

fn waits(server: &Server, token: &str) -> bool {
    let page = server.api(token).get("/v1/scheduled").expect("answered").expect(200);
    page["items"].as_array().is_none_or(|items| !items.is_empty())
}

fn log(server: &Server, token: &str, chat: &str) -> Vec<Value> {
    let (mut api, mut all) = (server.api(token), Vec::new());
    loop {
        let path = format!("/v1/chats/{chat}/messages?after={}&limit=100", all.len() as i64 - 1);
        let page = api.get(&path).expect("answered").expect(200);
        let items = page["items"].as_array().expect("items");
        if items.is_empty() {
            return all;
        }
        all.extend(items.iter().cloned());
    }
}

fn group(server: &Server, alice: &str, bob: &str) -> String {
    let made = json!({"kind": "group", "name": "Harbour", "members": []});
    let chat = server.api(alice).call("POST", "/v1/chats", Some(&made)).expect("answered").expect(201);
    let chat = chat["id"].as_str().expect("an id").to_owned();
    let bob = server.api(bob).get("/v1/me").expect("answered").expect(200);
    let body = json!({"user": bob["id"]});
    server
        .api(alice)
        .call("POST", &format!("/v1/chats/{chat}/members"), Some(&body))
        .expect("answered")
        .expect(201);
    chat
}
