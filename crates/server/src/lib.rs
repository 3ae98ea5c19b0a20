//! The server, and the commands around it, as a library: `petit` is its [`Petit`].
//!
//! `serve` opens an [`installation`] and answers on one port. The other commands are sent to the server
//! that runs on the same data folder, through its control socket; without one they open the installation
//! themselves, under the folder's lock. `wiring` is the only folder that names adapters, `program` the only
//! place where a program says what it does beside others.

mod backup;
mod cli;
mod control;
mod demo;
mod doctor;
mod door;
mod folder;
mod installation;
mod logging;
mod manifest;
mod migrate;
mod nodes;
mod place;
mod program;
mod restore;
mod secrets;
mod serve;
mod web;
mod wiring;

use std::process::ExitCode;

pub use program::{Petit, Program};

/// Does what the command line says.
pub fn run(program: &'static dyn Program) -> ExitCode {
    // What we write is for our owner alone, wherever it is.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    cli::run(program)
}
