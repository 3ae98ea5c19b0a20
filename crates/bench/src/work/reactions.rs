//! W3b: reactions that are put and taken back as fast as the server takes them, on one message and on many.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use petit_domain::{ChatId, Message};

use super::Bench;
use crate::{http::Api, people::Account, report::Line, room, server::Server, stats::Spread};

/// How many react at once, each on a connection of their own.
const PEOPLE: usize = 16;

pub fn run(bench: &mut Bench) -> Result<()> {
    let server = bench.server("reactions")?;
    let people: Vec<Account> = bench.accounts.iter().take(PEOPLE).cloned().collect();
    let chat = prepare(&server, &people)?;
    for (setting, is_shared) in [("one message", true), ("a message each", false)] {
        measure(bench, &server, (chat, &people), setting, is_shared)?;
    }
    server.stop()
}

/// A chat of these people with a message for each.
fn prepare(server: &Server, people: &[Account]) -> Result<ChatId> {
    let members: Vec<&Account> = people.iter().collect();
    let made = room::make_chats(server.port(), vec![room::group_request("Reactions", &members)])?;
    let chat = made[0].0;
    let mut api = server.api()?;
    for (number, person) in people.iter().enumerate() {
        let body = serde_json::json!({ "text": "hello", "client_id": format!("n{number}") }).to_string();
        let path = format!("/v1/chats/{chat}/messages");
        api.json::<Message>("POST", &path, &person.token, &body)?;
    }
    Ok(chat)
}

fn measure(
    bench: &mut Bench,
    server: &Server,
    (chat, people): (ChatId, &[Account]),
    setting: &str,
    is_shared: bool,
) -> Result<()> {
    let (mut per_second, mut cpu_us) = (Vec::new(), Vec::new());
    for _ in 0..bench.scale.rounds {
        let (begun, cpu) = (Instant::now(), server.cpu_seconds()?);
        let toggles = storm(server.port(), (chat, people), is_shared, bench.scale.posting_round)?;
        per_second.push(toggles as f64 / begun.elapsed().as_secs_f64());
        cpu_us.push((server.cpu_seconds()? - cpu) * 1e6 / toggles.max(1) as f64);
    }
    let setting = format!("people: {}, {setting}", people.len());
    bench.report.add(Line::new("W3b", &setting, "reactions toggled per second", Spread::of(&per_second)));
    bench.report.add(Line::new("W3b", &setting, "CPU µs per toggle", Spread::of(&cpu_us)));
    Ok(())
}

/// Everybody puts and takes back for so long: how often.
fn storm(port: u16, (chat, people): (ChatId, &[Account]), is_shared: bool, time: Duration) -> Result<u64> {
    std::thread::scope(|scope| {
        let reacting: Vec<_> = people
            .iter()
            .enumerate()
            .map(|(number, person)| {
                let seq = if is_shared { 0 } else { number };
                let path = format!("/v1/chats/{chat}/messages/{seq}/reactions/%F0%9F%91%8D");
                scope.spawn(move || toggle(port, &path, person, time))
            })
            .collect();
        let done = reacting.into_iter().map(|one| one.join());
        done.map(|toggles| toggles.unwrap_or_else(|_| bail!("somebody who reacts panicked"))).sum()
    })
}

fn toggle(port: u16, path: &str, person: &Account, time: Duration) -> Result<u64> {
    let mut api = Api::connect(port)?;
    let (begun, mut toggles) = (Instant::now(), 0);
    while begun.elapsed() < time || toggles % 2 == 1 {
        let method = if toggles % 2 == 0 { "PUT" } else { "DELETE" };
        api.json::<Message>(method, path, &person.token, "")?;
        toggles += 1;
    }
    Ok(toggles)
}
