//! The program `petit`, which lies beside this one.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// The program that was named, else `petit` beside this one.
pub fn program(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let beside = std::env::current_exe()?.with_file_name("petit");
    ensure!(
        beside.exists(),
        "{} is not there: put petit beside petit-bench, or name it with --server",
        beside.display()
    );
    Ok(beside)
}
