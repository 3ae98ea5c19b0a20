//! `petit-bench`: what measures and checks a server. No part of the server itself: `petit bench` and
//! `petit check` start it.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use petit_bench::{BenchArgs, CheckCommand};

/// Measures and checks Petit chat
#[derive(Parser)]
#[command(name = "petit-bench", version)]
enum Command {
    /// Measure this machine and this server side by side
    Bench(BenchArgs),
    /// Check a running installation: clients write at random, and the record is judged
    Check(CheckCommand),
}

// The floors are measured beside the server, so they have its allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What we write is for our owner alone, wherever it is.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match execute(Command::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<bool> {
    match command {
        Command::Bench(args) => petit_bench::run(args).map(|()| true),
        Command::Check(command) => command.run(),
    }
}
