//! Several processes on a database that speaks CQL and a bus: what a durable post costs in each of them,
//! beside the bare driver on the same database in the same run.

mod cases;
mod installation;
mod parts;

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::{args::BenchArgs, goals, machine, report::Report};
use parts::Parts;

/// How big and how long everything is.
struct Scale {
    people: usize,
    chats: usize,
    rounds: usize,
    round: Duration,
}

impl Scale {
    fn of(args: &BenchArgs) -> Self {
        let mut scale = match args.quick {
            true => Self { people: 4, chats: 16, rounds: 2, round: Duration::from_millis(700) },
            false => Self { people: 16, chats: 100, rounds: 5, round: Duration::from_secs(4) },
        };
        scale.people = args.people.unwrap_or(scale.people).max(2);
        scale.rounds = args.rounds.unwrap_or(scale.rounds).max(1);
        scale
    }
}

/// Runs everything and answers what it gave.
pub fn run(args: &BenchArgs) -> Result<Report> {
    ensure!(args.only.is_empty(), "--only chooses among the workloads of the embedded profile");
    let parts = Parts::read(&args.servers)?;
    let mut report = Report { indicative: args.quick, goals: &goals::CLUSTER, ..Report::default() };
    let files = machine::raise_open_files();
    report.note(format!("nothing pinned; {files} open files for each process; all on this machine, no TLS"));
    let (since, busy) = (std::time::Instant::now(), machine::busy_seconds());
    if let Err(error) = cases::run(args, &parts, &Scale::of(args), &mut report) {
        report.failed(format!("{error:#}"));
    }
    let (time, busy) = (since.elapsed().as_secs_f64(), machine::busy_seconds() - busy);
    report.note(format!("took {time:.0} s; {:.1} cores were busy, with everything on them", busy / time));
    Ok(report)
}
