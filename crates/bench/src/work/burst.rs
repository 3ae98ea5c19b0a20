//! W1c: one chat, sixteen posts at once, then a pause.

use std::time::Instant;

use anyhow::Result;

use super::{
    Bench,
    big_room::Room,
    posting::{post, settle},
};
use crate::{
    goals,
    report::Line,
    stats::{Spread, figure},
    wire::Counts,
};

const AT_ONCE: usize = 16;

pub fn run(bench: &mut Bench) -> Result<()> {
    let sockets = bench.scale.room;
    let mut room = Room::open(bench, sockets, AT_ONCE)?;
    let mut bare = room.bare_loop(bench)?;
    let (mut floor, mut ours, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    // A few bursts cost too little to be measured alone, so the rounds are few and long.
    let rounds = bench.scale.rounds.min(3);
    for _ in 0..rounds {
        floor.push(bare.saturate(bench.scale.round / 2)?.0);
        let (deliveries, counts) = room.burst(bench, bench.scale.bursts.div_ceil(rounds))?;
        ours.push(deliveries);
        reads.push(counts.reads_per_frame());
    }
    let setting = format!("room of {} sockets, bursts of {AT_ONCE}", figure(sockets as f64));
    let line = Line::new("W1c", &setting, "deliveries per CPU-second", Spread::of(&ours));
    bench.report.add(line.beside("bare loop, a write per message", Spread::of(&floor)).for_goal(goals::G2));
    bench
        .report
        .note(format!("reads per frame {} (fewer than one: messages came together)", Spread::of(&reads)));
    room.close(bench, &setting);
    Ok(())
}

impl Room {
    fn burst(&mut self, bench: &Bench, bursts: usize) -> Result<(f64, Counts)> {
        let (cpu, before) = (self.server.cpu_seconds()?, self.observer.deliveries());
        self.wire.take_counts();
        for _ in 0..bursts {
            let next = Instant::now() + bench.scale.burst_pause;
            for _ in 0..AT_ONCE {
                post(&mut self.wire, &mut self.observer, &self.target)?;
            }
            settle(&mut self.wire, &mut self.observer)?;
            self.wire.run_for(next.saturating_duration_since(Instant::now()), &mut self.observer)?;
        }
        let used = self.server.cpu_seconds()? - cpu;
        let delivered = self.observer.deliveries() - before;
        Ok((delivered as f64 / used.max(0.01), self.wire.take_counts()))
    }
}
