//! The benchmark without the server: `--server PROGRAM` names what to measure.

use clap::Parser;

#[derive(Parser)]
enum Command {
    /// Measures
    Bench(petit_bench::BenchArgs),
}

fn main() -> anyhow::Result<()> {
    let Command::Bench(args) = Command::parse();
    petit_bench::run(args)
}
