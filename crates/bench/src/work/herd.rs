//! W4h: very many equal requests at the same time, which should not all reach the store.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{
    Bench,
    posting::{PATIENCE, Target},
};
use crate::{
    goals, http,
    observer::millis,
    report::Line,
    server::Server,
    stats::{figure, percentile},
    wire::{Sink, Wire},
};

/// The server's own count of pages it read from the store.
const COUNTER: &str = "petit_store_page_reads_total";

pub fn run(bench: &mut Bench, server: &Server, targets: &[Target]) -> Result<()> {
    let clients = bench.scale.herd;
    let target = &targets[targets.len() / 2];
    let path = format!("/v1/chats/{}/messages?before=60&limit=50", target.chat);
    let mut wire = Wire::new()?;
    wire.add_callers(server.port(), clients)?;
    // Connections are warm before the rush, so that it is short.
    rush(&mut wire, clients, &http::request("GET", "/healthz", "", ""))?;

    // The first of the people owns the server and may see its counters.
    let owner = bench.accounts.first().map(|account| account.token.clone()).unwrap_or_default();
    let before = page_reads(server, &owner)?;
    let mut herd = rush(&mut wire, clients, &http::request("GET", &path, &target.owner.token, ""))?;
    let (p99, sent) = (percentile(&mut herd.times, 0.99), millis(herd.sent));
    let setting = format!("{} equal requests within {} ms", figure(clients as f64), figure(sent));
    match (before, page_reads(server, &owner)?) {
        (Some(before), Some(after)) => bench.report.add(
            Line::new("W4h", &setting, "reads that reach the store", after - before).for_goal(goals::G9),
        ),
        _ => bench
            .report
            .note(format!("{setting}: reads that reach the store unknown: no {COUNTER} at /metrics")),
    }
    bench.report.note(format!("all answers equal: {}; p99 {} ms", herd.equal, figure(p99)));
    ensure!(herd.equal, "equal requests got different answers");
    Ok(())
}

fn page_reads(server: &Server, token: &str) -> Result<Option<f64>> {
    let (status, body) = server.api()?.call("GET", "/metrics", token, "")?;
    let text = String::from_utf8_lossy(&body);
    let value = text.lines().find_map(|line| line.strip_prefix(COUNTER)?.trim().parse().ok());
    Ok(value.filter(|_| status == 200))
}

fn rush(wire: &mut Wire, clients: usize, request: &[u8]) -> Result<Herd> {
    let mut herd =
        Herd { begun: Instant::now(), sent: Duration::ZERO, first: None, equal: true, times: Vec::new() };
    for _ in 0..clients {
        let caller = wire.take_idle();
        ensure!(caller.is_some(), "not all answers of the last rush arrived");
        wire.send(caller.unwrap_or_default(), request)?;
    }
    herd.sent = herd.begun.elapsed();
    wire.run_until(PATIENCE, &mut herd, |herd| herd.times.len() == clients)?;
    Ok(herd)
}

struct Herd {
    begun: Instant,
    sent: Duration,
    first: Option<Vec<u8>>,
    equal: bool,
    times: Vec<f64>,
}

impl Sink for Herd {
    fn frame(&mut self, _reader: usize, _payload: &[u8], _at: Instant) -> Result<()> {
        Ok(())
    }

    fn answer(&mut self, _caller: usize, status: u16, body: &[u8], at: Instant) -> Result<()> {
        ensure!(status == 200, "one of many equal requests was answered {status}");
        self.times.push(millis(at - self.begun));
        self.equal &= self.first.get_or_insert_with(|| body.to_vec()) == body;
        Ok(())
    }
}
