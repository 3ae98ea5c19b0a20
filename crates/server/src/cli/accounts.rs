use std::io::Read;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::control::{self, Answer, ServerRoleName, Task};
use crate::place::Place;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an account; prints its password. The very first one owns the server
    Add(AddArgs),
    /// List people
    List(Place),
    /// Give an account a new password, which is printed, and sign its browsers out
    Reset(NameArgs),
}

#[derive(Args)]
pub struct AddArgs {
    /// What they sign in with
    username: String,
    /// What they are called on screens [default: the username]
    #[arg(long)]
    name: Option<String>,
    /// What they may do on the whole server
    #[arg(long, value_enum, default_value_t = ServerRoleName::Member)]
    role: ServerRoleName,
    /// Read the password from standard input instead of making one up
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct NameArgs {
    /// What they sign in with
    username: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a bearer token for a person; its last line is the token alone
    Create(TokenArgs),
}

#[derive(Args)]
pub struct TokenArgs {
    /// Whose token
    username: String,
    /// What they will recognise it by in their list of sessions
    #[arg(long, default_value = "command line")]
    label: String,
    /// In how many days it ends [default: never]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: Option<u32>,
    #[command(flatten)]
    place: Place,
}

pub fn user(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::Add(args) => add(args),
        UserCommand::List(place) => list(&place),
        UserCommand::Reset(args) => reset(args),
    }
}

fn add(args: AddArgs) -> Result<()> {
    let password = args.password_stdin.then(password_from_stdin).transpose()?;
    let is_given = password.is_some();
    let task = Task::AddUser { username: args.username, name: args.name, role: args.role, password };
    if let Answer::UserAdded { username, role, password } = control::ask(&args.place.load()?, task)? {
        println!("Made an account for {username} ({role}).");
        if !is_given {
            println!("Password: {password}");
        }
    }
    Ok(())
}

fn password_from_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("cannot read the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn list(place: &Place) -> Result<()> {
    let Answer::Users { users } = control::ask(&place.load()?, Task::ListUsers)? else { return Ok(()) };
    let width = users.iter().map(|user| user.username.chars().count()).max().unwrap_or(0);
    for user in users {
        println!("{:width$}  {:6}  {}", user.username, user.role, user.name);
    }
    Ok(())
}

fn reset(args: NameArgs) -> Result<()> {
    let task = Task::ResetUser { username: args.username };
    if let Answer::PasswordReset { username, password } = control::ask(&args.place.load()?, task)? {
        println!("{username} has a new password and was signed out of all browsers.");
        println!("Password: {password}");
    }
    Ok(())
}

pub fn token(TokenCommand::Create(args): TokenCommand) -> Result<()> {
    let task = Task::CreateToken { username: args.username, label: args.label, days: args.days };
    if let Answer::TokenCreated { token } = control::ask(&args.place.load()?, task)? {
        println!("{token}");
    }
    Ok(())
}
