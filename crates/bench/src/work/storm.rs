//! W3: as many durable posts as the server takes, from few and from many posters, with nobody listening.

use anyhow::Result;

use super::{
    Bench,
    history::read_back,
    posting::{Limit, Target, chats, storm},
};
use crate::{
    floor::{FloorProcess, RowsAsked, RowsWritten, Task},
    goals::{self, Goal},
    observer::Observer,
    report::Line,
    server::Server,
    stats::{Spread, percentile},
    wire::Wire,
};

const CHATS: usize = 100;

/// So many posters in so many chats, beside rows in groups of so many.
struct Case {
    posters: usize,
    chats: usize,
    group: u64,
    goal: Option<Goal>,
}

const CASES: [Case; 4] = [
    Case { posters: 1, chats: CHATS, group: 1, goal: Some(goals::G7_1) },
    Case { posters: 8, chats: CHATS, group: 8, goal: None },
    Case { posters: 64, chats: CHATS, group: 64, goal: Some(goals::G7_64) },
    Case { posters: 64, chats: 1, group: 64, goal: None },
];

pub fn run(bench: &mut Bench) -> Result<()> {
    let server = bench.server("storm")?;
    let mut observer = Observer::default();
    let targets = chats(&bench.accounts, &server, &mut observer, CHATS)?;
    let mut rows = bench.floor(&Task::Rows { folder: bench.floor_folder("rows") })?;
    for case in CASES {
        measure(bench, &server, &mut observer, &targets, &mut rows, &case)?;
    }
    let answers = observer.answers();
    bench.report.check("post storm, answers", answers, observer.violations());
    let (read, found) = read_back(&server, &targets, &observer)?;
    bench.report.check("post storm, log read back", read, found);
    Ok(())
}

fn measure(
    bench: &mut Bench,
    server: &Server,
    observer: &mut Observer,
    targets: &[Target],
    rows: &mut FloorProcess,
    case: &Case,
) -> Result<()> {
    let time = bench.scale.posting_round;
    let mut wire = Wire::new()?;
    wire.add_callers(server.port(), case.posters)?;
    let (mut ours, mut floor) = (Rates::default(), Rates::default());
    let mut p99 = Vec::new();
    for _ in 0..bench.scale.rounds {
        let cpu = rows.cpu_seconds()?;
        let written: RowsWritten = rows.ask(&RowsAsked { group: case.group, time: time / 2 })?;
        floor.add(written.rows, written.seconds, rows.cpu_seconds()? - cpu);

        let cpu = server.cpu_seconds()?;
        observer.answered.clear();
        let limit = Limit::Time(time);
        let (posts, seconds) = storm(&mut wire, observer, &targets[..case.chats], case.posters, &limit)?;
        ours.add(posts, seconds, server.cpu_seconds()? - cpu);
        p99.push(percentile(&mut observer.answered, 0.99));
    }
    tell(bench, case, &ours, &floor, &p99);
    Ok(())
}

fn tell(bench: &mut Bench, case: &Case, ours: &Rates, floor: &Rates, p99: &[f64]) {
    let setting = format!("posters: {}, chats: {}", case.posters, case.chats);
    let floor_name = format!("bare SQLite, rows per commit: {}", case.group);
    let rate = Line::new("W3", &setting, "durable posts per second", Spread::of(&ours.per_second));
    let rate = rate.beside(&floor_name, Spread::of(&floor.per_second));
    bench.report.add(match case.goal {
        Some(goal) => rate.for_goal(goal),
        None => rate,
    });
    let cpu = Line::new("W3", &setting, "posts per CPU-second", Spread::of(&ours.per_cpu_second));
    bench.report.add(cpu.beside(floor_name, Spread::of(&floor.per_cpu_second)));
    bench.report.add(Line::new("W3", setting, "post to answer p99 ms", Spread::of(p99)));
}

#[derive(Default)]
struct Rates {
    per_second: Vec<f64>,
    per_cpu_second: Vec<f64>,
}

impl Rates {
    fn add(&mut self, count: u64, seconds: f64, cpu: f64) {
        self.per_second.push(count as f64 / seconds);
        self.per_cpu_second.push(count as f64 / cpu.max(0.01));
    }
}
