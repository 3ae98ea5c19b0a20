//! Commands of `petit-bench`, the program beside this one: what measures and checks a server is no part of it.

use std::{convert::Infallible, ffi::OsString, io, os::unix::process::CommandExt, process::Command};

use anyhow::{Context, Result, bail};
use clap::Args;

const PROGRAM: &str = "petit-bench";

#[derive(Args)]
pub struct Words {
    /// The options of that program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    words: Vec<OsString>,
}

/// Turns this process into that program, and comes back only where that cannot be done.
pub fn turn_into(command: &str, Words { words }: &Words) -> Result<Infallible> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name(PROGRAM);
    let error = Command::new(&program).arg(command).args(words).env("PETIT_BIN", &own).exec();
    if error.kind() == io::ErrorKind::NotFound {
        bail!(
            "`petit {command}` is done by the program {PROGRAM}, and {} is not there. A release has it beside \
             petit; from the sources: cargo build --release -p {PROGRAM}",
            program.display()
        );
    }
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}
