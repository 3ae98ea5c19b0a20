//! Which installation a command is about, and its configuration.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use petit_config::{Flags, Loaded};

/// Which installation a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The data folder [default: petit-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A configuration file to read instead of petit.toml in the data folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Place {
    /// Its configuration.
    pub fn load(&self) -> Result<Loaded> {
        load(&Flags { data: self.data.clone(), file: self.config.clone(), ..Flags::default() })
    }
}

/// Reads the configuration with this process's environment.
pub fn load(flags: &Flags) -> Result<Loaded> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Ok(petit_config::load(flags, std::env::vars_os().filter_map(text))?)
}
