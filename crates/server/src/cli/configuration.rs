use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use petit_config::Flags;

use crate::logging;
use crate::place::load;

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print a configuration file that explains every key
    Example,
    /// Check the configuration and say what counts and who set it
    Check(CheckArgs),
}

#[derive(Args)]
pub struct CheckArgs {
    /// The file to check [default: petit.toml in the data folder]
    file: Option<PathBuf>,
    /// The data folder [default: petit-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub fn run(command: ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Example => print!("{}", petit_config::example()),
        ConfigCommand::Check(args) => check(args)?,
    }
    Ok(())
}

fn check(args: CheckArgs) -> Result<()> {
    let loaded = load(&Flags { file: args.file, data: args.data, ..Flags::default() })?;
    logging::filter(&loaded.config.log)?;
    for line in loaded.report() {
        println!("{line}");
    }
    match &loaded.file {
        Some(file) => println!("\n{} is fine.", file.display()),
        None => println!("\nNo file was read; the configuration is fine."),
    }
    Ok(())
}
