//! The command line: what can be asked, and how answers are printed.

mod accounts;
mod beside;
mod configuration;
mod upkeep;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{
    Program,
    place::Place,
    serve::{self, ServeArgs},
};

/// Petit chat, a self-hosted chat platform
#[derive(Parser)]
#[command(name = "petit", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// Manage the accounts of the built-in sign-in
    #[command(subcommand)]
    User(accounts::UserCommand),
    /// Manage bearer tokens
    #[command(subcommand)]
    Token(accounts::TokenCommand),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(configuration::ConfigCommand),
    /// Probe the store, live delivery and the surroundings; fails if something is broken
    Doctor(Place),
    /// Copy everything into a new folder, beside a running server or without one
    Backup(upkeep::BackupArgs),
    /// Bring a backup back into an empty data folder
    Restore(upkeep::RestoreArgs),
    /// Measure this machine and this server side by side
    #[command(disable_help_flag = true)]
    Bench(beside::Words),
    /// Copy an embedded installation that does not run into the database of a cluster
    MigrateStore(upkeep::MigrateArgs),
    /// Check a running installation: clients write at random, and the record is judged
    #[command(disable_help_flag = true)]
    Check(beside::Words),
    /// Print the version
    Version,
}

/// Does what the command line says.
pub fn run(program: &'static dyn Program) -> ExitCode {
    match execute(Cli::parse().command, program) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command, program: &'static dyn Program) -> Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(&args, program)?,
        Command::User(command) => accounts::user(command)?,
        Command::Token(command) => accounts::token(command)?,
        Command::Config(command) => configuration::run(command)?,
        Command::Doctor(place) => return upkeep::doctor(&place),
        Command::Backup(args) => upkeep::backup(&args)?,
        Command::Restore(args) => upkeep::restore(&args)?,
        Command::Bench(words) => match beside::turn_into("bench", &words)? {},
        Command::MigrateStore(args) => upkeep::migrate(&args)?,
        Command::Check(words) => match beside::turn_into("check", &words)? {},
        Command::Version => println!("petit {}", env!("CARGO_PKG_VERSION")),
    }
    Ok(ExitCode::SUCCESS)
}
