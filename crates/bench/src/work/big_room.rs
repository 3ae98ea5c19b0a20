//! W1a: one chat, very many sockets, the next post as soon as the last one is with everybody.

use std::time::Instant;

use anyhow::{Context, Result};

use super::{
    Bench,
    posting::{Target, post_and_settle},
};
use crate::{
    floor::BareLoop,
    goals,
    observer::Observer,
    people::Account,
    report::Line,
    room,
    server::Server,
    stats::{Spread, figure},
    wire::{Counts, Wire},
    ws,
};

/// A group chat takes at most this many people when it is made.
const MOST_MEMBERS: usize = 100;

pub fn run(bench: &mut Bench) -> Result<()> {
    for sockets in bench.scale.rooms.clone() {
        saturate(bench, sockets)?;
    }
    Ok(())
}

fn saturate(bench: &mut Bench, sockets: usize) -> Result<()> {
    let mut room = Room::open(bench, sockets, 1)?;
    let mut bare = room.bare_loop(bench)?;
    let (mut floor, mut ours, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.scale.rounds {
        let (deliveries, counts) = bare.saturate(bench.scale.round)?;
        floor.push(deliveries);
        reads.push(counts.reads_per_frame());
        let (deliveries, counts) = room.saturate(bench.scale.round)?;
        ours.push(deliveries);
        reads.push(counts.reads_per_frame());
    }
    let setting = format!("room of {} sockets, saturated", figure(sockets as f64));
    let line = Line::new("W1a", &setting, "deliveries per CPU-second", Spread::of(&ours))
        .beside("bare loop", Spread::of(&floor));
    bench.report.add(match sockets {
        9_500.. => line.for_goal(goals::G1_BIG_ROOM),
        _ => line.for_goal(goals::G1_ROOM),
    });
    let reads = Spread::of(&reads);
    let warning = if reads.min < 0.9 { ": the reader fell behind, which makes writing cheaper" } else { "" };
    bench.report.note(format!("reads per frame {reads}{warning}"));
    room.close(bench, &setting);
    Ok(())
}

/// A chat with its sockets, and callers to post to it.
pub struct Room {
    pub server: Server,
    pub wire: Wire,
    pub observer: Observer,
    pub target: Target,
}

impl Room {
    pub fn open(bench: &Bench, sockets: usize, callers: usize) -> Result<Self> {
        let server = bench.server(&format!("room-{sockets}-{callers}"))?;
        let members: Vec<&Account> = bench.accounts.iter().take(MOST_MEMBERS).collect();
        let made = room::make_chats(server.port(), vec![room::group_request("Big room", &members)])?;
        let (chat, _) = *made.first().context("no chat was made")?;
        let owner = (*members.first().context("there are no people")?).clone();
        let head = room::head(server.port(), chat, &owner)?;
        let mut wire = Wire::new()?;
        let owners: Vec<&Account> = members.iter().copied().cycle().take(sockets).collect();
        room::open_sockets(&mut wire, server.port(), &owners)?;
        wire.add_callers(server.port(), callers)?;
        let mut observer = Observer::default();
        let book = observer.chat(chat, head, 0..sockets);
        Ok(Self { server, wire, observer, target: Target { chat, owner, book } })
    }

    /// A bare loop that writes the bytes this room's sockets get, to as many sockets.
    pub fn bare_loop(&mut self, bench: &Bench) -> Result<BareLoop> {
        post_and_settle(&mut self.wire, &mut self.observer, &self.target)?;
        let payload = self.observer.newest_frame().context("no frame arrived")?;
        BareLoop::start(&bench.itself, bench.cores, self.wire.readers(), &ws::plain(ws::TEXT, payload))
    }

    fn saturate(&mut self, time: std::time::Duration) -> Result<(f64, Counts)> {
        let (cpu, before, start) = (self.server.cpu_seconds()?, self.observer.deliveries(), Instant::now());
        self.wire.take_counts();
        while start.elapsed() < time {
            post_and_settle(&mut self.wire, &mut self.observer, &self.target)?;
        }
        let used = self.server.cpu_seconds()? - cpu;
        let delivered = self.observer.deliveries() - before;
        Ok((delivered as f64 / used.max(0.01), self.wire.take_counts()))
    }

    /// Books what the checker found.
    pub fn close(self, bench: &mut Bench, setting: &str) {
        let checked = self.observer.deliveries();
        bench.report.check(setting, checked, self.observer.violations());
    }
}
