//! `petit check`: plays with the people that were given, or with some that are made for it.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use petit_check::CheckArgs;

use crate::petit;

/// Checks a running installation: clients write at random, and the record is judged.
#[derive(Debug, clap::Args)]
pub struct CheckCommand {
    #[command(flatten)]
    check: CheckArgs,
    /// The data folder of a server, which makes the people [default: petit-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A configuration file to read instead of petit.toml in the data folder
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The program that makes the people [default: petit, beside this one]
    #[arg(long, value_name = "PROGRAM", env = "PETIT_BIN")]
    server: Option<PathBuf>,
}

impl CheckCommand {
    /// Plays and judges. Answers whether every law holds.
    pub fn run(&self) -> Result<bool> {
        let tokens = match self.check.token.is_empty() {
            true => self.people()?,
            false => self.check.token.clone(),
        };
        petit_check::run(&self.check, &tokens)
    }

    /// Tokens of people called check-1, check-2 …, who are made unless they are there from an earlier run.
    fn people(&self) -> Result<Vec<String>> {
        let program = petit::program(self.server.as_deref())?;
        let ask = |words: &[&str]| {
            let mut command = Command::new(&program);
            command.args(words);
            command.args(self.data.iter().flat_map(|data| ["--data".as_ref(), data.as_os_str()]));
            command.args(self.config.iter().flat_map(|file| ["--config".as_ref(), file.as_os_str()]));
            answer(&mut command)
        };
        let known = ask(&["user", "list"])?;
        let is_known = |name: &str| known.lines().any(|line| line.split_whitespace().next() == Some(name));
        let token = |number| {
            let name = format!("check-{number}");
            if !is_known(&name) {
                ask(&["user", "add", &name])?;
            }
            let printed = ask(&["token", "create", &name, "--label", "petit check", "--days", "1"])?;
            printed.lines().last().map(str::to_owned).context("no token was printed")
        };
        (1..=self.check.clients).map(token).collect()
    }
}

fn answer(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", complaint.trim().trim_start_matches("error: "));
    String::from_utf8(output.stdout).context("petit printed something that is not text")
}
