//! W1b: one chat, five posts a second: how long until each socket has it.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{
    Bench,
    big_room::Room,
    posting::{post, settle},
};
use crate::{
    goals,
    report::Line,
    stats::{Spread, figure, percentile},
};

const EVERY: Duration = Duration::from_millis(200);

pub fn run(bench: &mut Bench) -> Result<()> {
    let sockets = bench.scale.room;
    let mut room = Room::open(bench, sockets, 4)?;
    let mut bare = room.bare_loop(bench)?;
    let (mut floor, mut ours) = (Times::default(), Times::default());
    for _ in 0..bench.scale.rounds {
        floor.add(bare.pace(bench.scale.paced_round, EVERY)?);
        ours.add(room.pace(bench.scale.paced_round)?);
    }
    let setting = format!("room of {} sockets, 5 posts/s", figure(sockets as f64));
    let line = |what, ours: &[f64], floor: &[f64]| {
        Line::new("W1b", &setting, what, Spread::of(ours)).beside("bare loop", Spread::of(floor))
    };
    bench.report.add(line("delivery p50 ms", &ours.p50, &floor.p50).for_goal(goals::G5_P50));
    bench.report.add(line("delivery p99 ms", &ours.p99, &floor.p99).for_goal(goals::G5_P99));
    room.close(bench, &setting);
    Ok(())
}

#[derive(Default)]
struct Times {
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Times {
    fn add(&mut self, mut times: Vec<f64>) {
        self.p50.push(percentile(&mut times, 0.5));
        self.p99.push(percentile(&mut times, 0.99));
    }
}

impl Room {
    fn pace(&mut self, time: Duration) -> Result<Vec<f64>> {
        let start = Instant::now();
        self.observer.each.clear();
        while start.elapsed() < time {
            let next = Instant::now() + EVERY;
            post(&mut self.wire, &mut self.observer, &self.target)?;
            self.wire.run_for(next.saturating_duration_since(Instant::now()), &mut self.observer)?;
        }
        settle(&mut self.wire, &mut self.observer)?;
        Ok(std::mem::take(&mut self.observer.each))
    }
}
