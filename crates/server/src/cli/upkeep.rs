use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::Args;

use crate::place::Place;
use crate::{
    backup::CONFIGURATION,
    control::{self, Answer, Task},
    doctor, migrate,
    restore::{self, Restored},
    wiring::WaysIn,
};

#[derive(Args)]
pub struct BackupArgs {
    /// A folder that is empty or not there yet
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// The folder a backup was written to
    folder: PathBuf,
    /// End all sessions and access tokens of the backup, and withdraw its invitations
    #[arg(long)]
    end_sessions: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct MigrateArgs {
    /// The configuration file of a process of the cluster: says which database, and which space in it
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

pub fn migrate(args: &MigrateArgs) -> Result<()> {
    let target = Place { data: None, config: Some(args.to.clone()) };
    let copied = migrate::run(&args.place.load()?, &target.load()?)?;
    println!(
        "Copied and compared {} chats with {} messages and {} changes; {} people, {} sessions.",
        copied.chats, copied.messages, copied.changes, copied.people, copied.sessions
    );
    println!("The embedded installation is as it was. Do not start it again: the cluster goes on from here.");
    Ok(())
}

pub fn doctor(place: &Place) -> Result<ExitCode> {
    let Answer::Examined { findings } = control::ask(&place.load()?, Task::Examine)? else {
        return Ok(ExitCode::FAILURE);
    };
    print!("{}", doctor::table(&findings));
    Ok(if doctor::is_well(&findings) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub fn backup(args: &BackupArgs) -> Result<()> {
    let task = Task::BackUp { folder: absolute(&args.folder)? };
    if let Answer::BackedUp { files, bytes } = control::ask(&args.place.load()?, task)? {
        println!("Copied {files} files, {bytes} bytes, to {}.", args.folder.display());
        println!("Whoever has this folder has everything that was ever said: keep it safe.");
    }
    Ok(())
}

pub fn restore(args: &RestoreArgs) -> Result<()> {
    let loaded = configured_for(args).load()?;
    let restored = restore::run(&absolute(&args.folder)?, &loaded, args.end_sessions)?;
    println!("{}", lives_again(&restored, args.end_sessions));
    println!("Restored into {}. Start it with petit serve.", loaded.config.server.data.display());
    Ok(())
}

/// What was ended after the backup, and what of it is not ended any more.
fn lives_again(restored: &Restored, closed: bool) -> String {
    let WaysIn { sessions, invitations } = restored.then;
    let (at, ways) =
        (restored.at, format!("sessions and access tokens: {sessions}, invitations: {invitations}"));
    let what = match closed {
        true => format!("What was a way in then is ended ({ways})."),
        false => format!(
            "What was ended since works again ({ways}); with --end-sessions a restore ends all of them."
        ),
    };
    format!(
        "Everything is as it was at {at}. {what} Passwords are those of then: reset again what was reset since."
    )
}

/// Where the restored server will look for its store is said by the configuration that comes back with it.
fn configured_for(args: &RestoreArgs) -> Place {
    let own = Some(args.folder.join(CONFIGURATION)).filter(|file| file.is_file());
    Place { config: args.place.config.clone().or(own), ..args.place.clone() }
}

/// The server has another working folder than who asks it.
fn absolute(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).with_context(|| folder.display().to_string())
}
