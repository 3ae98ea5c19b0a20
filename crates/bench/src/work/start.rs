//! W7: from the start of the process to the first durable post, and what it takes at rest.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use petit_domain::ChatId;

use super::Bench;
use crate::{
    floor::Task,
    goals::{self, Goal},
    http::Api,
    observer::millis,
    people::Account,
    report::Line,
    room,
    server::{Server, copy_data},
    stats::Spread,
};

/// What a bare axum 0.8 program holds at rest. The bare axum we start is part of this big program and
/// holds more, which would make our own figure look better.
const BARE_AXUM_MB: f64 = 3.8;

pub fn run(bench: &mut Bench) -> Result<()> {
    let empty = bench.floor_folder("start");
    copy_data(&bench.template(), &empty)?;
    measure(bench, &empty, "empty store", goals::G11_EMPTY)?;
    match bench.loaded.clone() {
        Some(loaded) => measure(bench, &loaded, "loaded store", goals::G11_LOADED)?,
        None => bench.report.note("start on a loaded store: run together with w4"),
    }
    rest(bench, &empty)?;
    let size = std::fs::metadata(bench.program())?.len() as f64 / 1e6;
    let line = Line::new("W7", "binary, with the web client in it", "size MB", size);
    bench.report.add(line.for_goal(goals::G11_SIZE));
    Ok(())
}

fn measure(bench: &mut Bench, data: &Path, store: &str, goal: Goal) -> Result<()> {
    let owner = bench.accounts.first().context("there are no people")?.clone();
    let chat = make_chat(bench, data, &owner)?;
    let (mut healthy, mut posted, mut cpu, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.scale.starts {
        bare.push(bare_start(bench)?);
        let started = start(bench, data, chat, &owner, round as u64)?;
        healthy.push(started.to_health);
        posted.push(started.to_post);
        cpu.push(started.cpu);
    }
    let setting = format!("start, {store}");
    let floor = Spread::of(&bare);
    let line =
        |what, values: &[f64]| Line::new("W7", &setting, what, Spread::of(values)).beside("bare axum", floor);
    bench.report.add(line("ms to health", &healthy));
    bench.report.add(line("ms to the first durable post", &posted).for_goal(goal));
    bench.report.add(Line::new("W7", &setting, "CPU ms to the first durable post", Spread::of(&cpu)));
    Ok(())
}

fn make_chat(bench: &Bench, data: &Path, owner: &Account) -> Result<ChatId> {
    let server = Server::start(bench.program(), bench.cores, data)?;
    let made = room::make_chats(server.port(), vec![room::group_request("Start", &[owner])])?;
    server.stop()?;
    Ok(made.first().context("no chat was made")?.0)
}

/// Milliseconds from the start of the process, and of its CPU until the post.
struct Started {
    to_health: f64,
    to_post: f64,
    cpu: f64,
}

fn start(bench: &Bench, data: &Path, chat: ChatId, owner: &Account, number: u64) -> Result<Started> {
    let begun = Instant::now();
    let mut server = Server::launch(bench.program(), bench.cores, data)?;
    server.wait_healthy()?;
    let to_health = millis(begun.elapsed());
    let request = format!(r#"{{"text":"first post {number}","client_id":"start-{number}"}}"#);
    let path = format!("/v1/chats/{chat}/messages");
    let (status, _) = server.api()?.call("POST", &path, &owner.token, &request)?;
    ensure!(status == 201, "the first post was answered {status}");
    let to_post = millis(begun.elapsed());
    let cpu = server.cpu_seconds()? * 1000.0;
    server.stop()?;
    Ok(Started { to_health, to_post, cpu })
}

/// Milliseconds until a bare server answers.
fn bare_start(bench: &Bench) -> Result<f64> {
    let begun = Instant::now();
    let floor = bench.floor(&Task::Http)?;
    let (status, _) = Api::connect(floor.port())?.call("GET", "/healthz", "", "")?;
    ensure!(status == 200, "the bare server answered {status}");
    Ok(millis(begun.elapsed()))
}

fn rest(bench: &mut Bench, data: &Path) -> Result<()> {
    let server = Server::start(bench.program(), bench.cores, data)?;
    std::thread::sleep(bench.scale.rest);
    let setting = format!("at rest, {} s after the start", bench.scale.rest.as_secs());
    let line = Line::new("W7", setting, "resident MB", server.resident_bytes()? / 1e6);
    bench.report.add(line.beside("a bare axum program", BARE_AXUM_MB).for_goal(goals::G11_REST));
    Ok(())
}
