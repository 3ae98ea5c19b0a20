//! The people of a run, made through the command line beside the running server.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use petit_domain::{Person, UserId};

use crate::server::Server;

/// Somebody with a bearer token.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserId,
    pub token: String,
}

/// Makes this many people.
pub fn make(program: &Path, server: &Server, count: usize) -> Result<Vec<Account>> {
    let mut api = server.api()?;
    let mut accounts = Vec::with_capacity(count);
    for number in 0..count {
        let name = format!("bench{number}");
        petit(program, server, &["user", "add", &name])?;
        let token = last_line(&petit(program, server, &["token", "create", &name])?)?;
        let person: Person = api.json("GET", "/v1/me", &token, "")?;
        accounts.push(Account { user: person.id, token });
    }
    Ok(accounts)
}

fn petit(program: &Path, server: &Server, words: &[&str]) -> Result<String> {
    let output = Command::new(program).args(words).arg("--data").arg(server.data()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} {} failed: {errors}", program.display(), words.join(" "));
    String::from_utf8(output.stdout).context("the command line printed something that is not text")
}

fn last_line(text: &str) -> Result<String> {
    text.lines().last().map(|line| line.trim().to_owned()).context("the command line printed nothing")
}
