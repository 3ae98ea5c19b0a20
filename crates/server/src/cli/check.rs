use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use petit_check::CheckArgs;

use crate::{
    control::{self, Answer, ServerRoleName, Task},
    place::Place,
};

#[derive(Args)]
pub struct CheckCommand {
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    place: Place,
}

/// Plays with the people that were given, or with some that are made for it.
pub fn run(command: CheckCommand) -> Result<ExitCode> {
    let tokens = match command.check.token.is_empty() {
        true => people(&command.place, command.check.clients)?,
        false => command.check.token.clone(),
    };
    let holds = petit_check::run(&command.check, &tokens)?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tokens of people called check-1, check-2 …, who are made unless they are there from an earlier run.
fn people(place: &Place, how_many: u32) -> Result<Vec<String>> {
    let loaded = place.load()?;
    let Answer::Users { users } = control::ask(&loaded, Task::ListUsers)? else { return Ok(Vec::new()) };
    let mut tokens = Vec::new();
    for number in 1..=how_many {
        let username = format!("check-{number}");
        if users.iter().all(|user| user.username != username) {
            let (name, role) = (None, ServerRoleName::Member);
            control::ask(&loaded, Task::AddUser { username: username.clone(), name, role, password: None })?;
        }
        let task = Task::CreateToken { username, label: "petit check".into(), days: Some(1) };
        if let Answer::TokenCreated { token } = control::ask(&loaded, task)? {
            tokens.push(token);
        }
    }
    Ok(tokens)
}
