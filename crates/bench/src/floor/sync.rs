//! The disk alone: appending four kilobytes and waiting until they are durable.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::answer_lines;
use crate::observer::millis;

/// One round: so many appends, one every so often.
#[derive(Debug, Serialize, Deserialize)]
pub struct SyncsAsked {
    pub count: u32,
    pub every: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SyncsDone {
    /// Milliseconds of each append.
    pub times: Vec<f64>,
}

pub(super) fn serve(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = File::create(folder.join("floor.log"))?;
    answer_lines(|asked: SyncsAsked| append(&mut file, &asked))
}

fn append(file: &mut File, asked: &SyncsAsked) -> Result<SyncsDone> {
    let mut times = Vec::new();
    for _ in 0..asked.count {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(millis(begun.elapsed()));
        std::thread::sleep(asked.every.saturating_sub(begun.elapsed()));
    }
    Ok(SyncsDone { times })
}
