//! The people of a run, made through the command line beside the running server.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use petit_domain::{Person, UserId};

use crate::server::Server;

/// Somebody with a bearer token.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserId,
    pub token: String,
}

/// Makes this many people. The first owns the server; the others are made a few at once, because most
/// of the time goes into their passwords' hashes.
pub fn make(program: &Path, server: &Server, count: usize) -> Result<Vec<Account>> {
    const AT_ONCE: usize = 4;
    let owner = make_one(program, server, 0)?;
    let make_every_fourth = |first: usize| -> Result<Vec<Account>> {
        (first..count).step_by(AT_ONCE).map(|number| make_one(program, server, number)).collect()
    };
    let made: Result<Vec<Vec<Account>>> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (1..=AT_ONCE).map(|first| scope.spawn(move || make_every_fourth(first))).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.map(|made| made.unwrap_or_else(|_| bail!("a worker that makes people panicked"))).collect()
    });
    Ok([vec![owner], made?.concat()].concat())
}

fn make_one(program: &Path, server: &Server, number: usize) -> Result<Account> {
    let name = format!("bench{number}");
    petit(program, server, &["user", "add", &name])?;
    let token = last_line(&petit(program, server, &["token", "create", &name])?)?;
    let person: Person = server.api()?.json("GET", "/v1/me", &token, "")?;
    Ok(Account { user: person.id, token })
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
