//! W4: pages of fifty before a random number, from a store with very many messages.

use std::{
    borrow::Cow,
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    Bench, herd,
    posting::{Limit, Target, chats, storm},
};
use crate::{
    body,
    checker::Violations,
    dice::Dice,
    floor::{FloorProcess, PagesAsked, PagesRead, Task},
    goals, http,
    observer::{Observer, millis},
    report::Line,
    server::Server,
    stats::{Spread, figure, percentile},
    wire::{Sink, Wire},
};

const PAGE: i64 = 50;
const CLIENTS: usize = 16;

pub fn run(bench: &mut Bench) -> Result<()> {
    let server = bench.server("history")?;
    let mut observer = Observer::default();
    let targets = chats(&bench.accounts, &server, &mut observer, bench.scale.history_chats)?;
    load(bench, &server, &mut observer, &targets)?;
    let (rows, chats) = (bench.scale.messages, bench.scale.history_chats as u64);
    let task = Task::Pages { folder: bench.floor_folder("pages"), rows, chats };
    let mut floor = bench.floor(&task)?;
    pages(bench, &server, &observer, &targets, &mut floor)?;
    herd::run(bench, &server, &targets)?;
    let data = server.data().to_owned();
    server.stop()?;
    bench.loaded = Some(data);
    Ok(())
}

fn load(bench: &mut Bench, server: &Server, observer: &mut Observer, targets: &[Target]) -> Result<()> {
    const POSTERS: usize = 64;
    let mut wire = Wire::new()?;
    wire.add_callers(server.port(), POSTERS)?;
    let (count, seconds) = storm(&mut wire, observer, targets, POSTERS, &Limit::Count(bench.scale.messages))?;
    let (count, rate) = (figure(count as f64), figure(count as f64 / seconds));
    bench.report.note(format!("stored {count} messages in {} chats at {rate}/s", targets.len()));
    let answers = observer.answers();
    bench.report.check("history, loading", answers, observer.violations());
    Ok(())
}

fn pages(
    bench: &mut Bench,
    server: &Server,
    observer: &Observer,
    targets: &[Target],
    floor: &mut FloorProcess,
) -> Result<()> {
    let mut wire = Wire::new()?;
    wire.add_callers(server.port(), CLIENTS)?;
    let (mut bare, mut bare_p99, mut ours, mut p99) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut readers = Readers::new(targets, observer);
    let time = bench.scale.posting_round;
    for _ in 0..bench.scale.rounds {
        let read: PagesRead = floor.ask(&PagesAsked { time: time / 2 })?;
        bare.push(read.cpu_micros_per_page);
        bare_p99.push(read.p99_millis);
        let cpu = server.cpu_seconds()?;
        let mut times = readers.read(&mut wire, time)?;
        ours.push((server.cpu_seconds()? - cpu) * 1e6 / times.len().max(1) as f64);
        p99.push(percentile(&mut times, 0.99));
    }
    let stored = figure(bench.scale.messages as f64);
    let setting = format!("{CLIENTS} clients, pages of {PAGE} of {stored} messages");
    let line = Line::new("W4", &setting, "server CPU µs per page", Spread::of(&ours));
    bench.report.add(line.beside("bare SQLite", Spread::of(&bare)).for_goal(goals::G8_CPU));
    bench.report.add(Line::new("W4", &setting, "page p99 ms", Spread::of(&p99)).for_goal(goals::G8_P99));
    bench.report.note(format!("bare SQLite reads a page in p99 {} ms", Spread::of(&bare_p99)));
    bench.report.check(setting, readers.seen, readers.found);
    Ok(())
}

/// As much of a page as is checked.
#[derive(Deserialize)]
struct PageRead<'a> {
    #[serde(borrow)]
    items: Vec<ItemRead<'a>>,
}

#[derive(Deserialize)]
struct ItemRead<'a> {
    seq: i64,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Clients that ask for random pages, one after the other.
struct Readers<'a> {
    targets: &'a [Target],
    observer: &'a Observer,
    dice: Dice,
    /// What each caller asked for: chat, number, and when.
    asked: HashMap<usize, (usize, i64, Instant)>,
    times: Vec<f64>,
    seen: u64,
    found: Violations,
}

impl<'a> Readers<'a> {
    fn new(targets: &'a [Target], observer: &'a Observer) -> Self {
        let (dice, found) = (Dice::new(1), Violations::default());
        Self { targets, observer, dice, asked: HashMap::new(), times: Vec::new(), seen: 0, found }
    }

    fn read(&mut self, wire: &mut Wire, time: Duration) -> Result<Vec<f64>> {
        let start = Instant::now();
        while start.elapsed() < time {
            while let Some(caller) = wire.take_idle() {
                self.ask(wire, caller)?;
            }
            wire.turn(Duration::from_millis(20), self)?;
        }
        wire.run_until(super::posting::PATIENCE, self, |readers| readers.asked.is_empty())?;
        Ok(std::mem::take(&mut self.times))
    }

    fn ask(&mut self, wire: &mut Wire, caller: usize) -> Result<()> {
        let place = self.dice.below(self.targets.len() as u64) as usize;
        let target = &self.targets[place];
        let (first, head) = self.observer.range(target.book);
        let room = (head + 1 - first - PAGE).max(1) as u64;
        let before = (first + PAGE).min(head) + self.dice.below(room) as i64;
        let path = format!("/v1/chats/{}/messages?before={before}&limit={PAGE}", target.chat);
        self.asked.insert(caller, (target.book, before, Instant::now()));
        wire.send(caller, &http::request("GET", &path, &target.owner.token, ""))
    }

    /// The page must hold exactly the numbers below `before`, each with the text it was posted with.
    fn check(&mut self, book: usize, before: i64, page: &PageRead<'_>) {
        let first = before - page.items.len() as i64;
        self.found.lost += (PAGE.min(before) - page.items.len() as i64).max(0) as u64;
        for (item, expected) in page.items.iter().zip(first..) {
            self.seen += 1;
            self.found.reordered += u64::from(item.seq != expected);
            let posted = self.observer.number_of(book, item.seq);
            self.found.altered += u64::from(posted.is_some() && posted != body::number(&item.text));
        }
    }
}

impl Sink for Readers<'_> {
    fn frame(&mut self, _reader: usize, _payload: &[u8], _at: Instant) -> Result<()> {
        Ok(())
    }

    fn answer(&mut self, caller: usize, status: u16, body: &[u8], at: Instant) -> Result<()> {
        ensure!(status == 200, "a page was answered {status}: {}", String::from_utf8_lossy(body));
        let (book, before, asked) = self.asked.remove(&caller).context("an answer nobody asked for")?;
        self.times.push(millis(at - asked));
        self.check(book, before, &serde_json::from_slice(body).context("a page")?);
        Ok(())
    }
}

/// Reads every chat from its first post to its end and holds it against the answers: how many
/// messages there were, and what was wrong.
pub fn read_back(server: &Server, targets: &[Target], observer: &Observer) -> Result<(u64, Violations)> {
    let (mut api, mut seen, mut found) = (server.api()?, 0, Violations::default());
    for target in targets {
        let (first, head) = observer.range(target.book);
        let mut next = first;
        while next <= head {
            let path = format!("/v1/chats/{}/messages?after={}&limit=100", target.chat, next - 1);
            let (status, body) = api.call("GET", &path, &target.owner.token, "")?;
            ensure!(status == 200, "{path} answered {status}: {}", String::from_utf8_lossy(&body));
            let page: PageRead<'_> = serde_json::from_slice(&body)?;
            ensure!(!page.items.is_empty(), "{path} is empty, but {head} was acknowledged");
            for item in &page.items {
                found.lost += (item.seq - next).max(0) as u64;
                found.doubled += u64::from(item.seq < next);
                let posted = observer.number_of(target.book, item.seq);
                found.altered += u64::from(posted != body::number(&item.text));
                next = item.seq + 1;
            }
            seen += page.items.len() as u64;
        }
    }
    Ok((seen, found))
}
