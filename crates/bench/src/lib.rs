//! `petit bench`: the load generator behind the performance goals. It measures a real server process
//! through its public API, in turns with floors that show the least each thing can cost here, and
//! checks all the while that nothing is lost, doubled or reordered.

mod args;
mod body;
mod check;
mod checker;
mod cluster;
mod dice;
mod floor;
mod goals;
mod heartbeat;
mod http;
mod machine;
mod observer;
mod people;
mod petit;
mod report;
mod room;
mod server;
mod stats;
mod wire;
mod work;
mod ws;

use anyhow::{Context, Result, ensure};

pub use args::{BenchArgs, Profile, Workload};
pub use check::CheckCommand;
use report::Report;
use work::Bench;

/// Runs the workloads and prints what they gave; fails if anything was lost, doubled or reordered.
pub fn run(args: BenchArgs) -> Result<()> {
    if let Some(task) = &args.floor {
        return floor::serve(task);
    }
    let report = match args.profile {
        Profile::Embedded => embedded(&args)?,
        Profile::Cluster => cluster::run(&args)?,
    };
    println!("{}", report.summary());
    if let Some(file) = &args.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("{}", file.display()))?;
    }
    ensure!(report.sound(), "a workload failed, or messages were lost, doubled or reordered");
    Ok(())
}

fn embedded(args: &BenchArgs) -> Result<Report> {
    let mut bench = Bench::prepare(args)?;
    for workload in Workload::ALL {
        if args.only.is_empty() || args.only.contains(&workload) {
            bench.run(workload);
        }
    }
    Ok(bench.report)
}
