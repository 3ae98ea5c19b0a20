//! Floors: the least that each thing can cost on this machine, done by a child process on the core
//! where the server is measured, in turns with it.

mod fanout;
mod http;
mod pages;
mod rows;
mod sequencer;
mod sync;

use std::{
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use fanout::BareLoop;
pub use pages::{PagesAsked, PagesRead};
pub use rows::{RowsAsked, RowsWritten};
pub use sequencer::{GroupsAsked, GroupsWritten};
pub use sync::{SyncsAsked, SyncsDone};

use crate::machine::{self, Cores};

/// What a floor process does.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Writes a ready frame to each of so many connections whenever it is told.
    Fanout { sockets: usize, frame: Vec<u8> },
    /// Commits rows in groups.
    Rows { folder: PathBuf },
    /// Reads pages of rows.
    Pages { folder: PathBuf, rows: u64, chats: u64 },
    /// Appends and syncs.
    Sync { folder: PathBuf },
    /// Writes groups to a database that speaks CQL.
    Sequencer { node: String },
    /// Answers HTTP with as little as possible.
    Http,
}

/// Does a floor's work in this process, until standard input ends.
pub fn serve(task: &str) -> Result<()> {
    match serde_json::from_str(task).context("--floor is for the benchmark itself")? {
        Task::Fanout { sockets, frame } => fanout::serve(sockets, &frame),
        Task::Rows { folder } => rows::serve(&folder),
        Task::Pages { folder, rows, chats } => pages::serve(&folder, rows, chats),
        Task::Sync { folder } => sync::serve(&folder),
        Task::Sequencer { node } => sequencer::serve(&node),
        Task::Http => http::serve(),
    }
}

/// The first line of every floor process.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Started {
    /// Where it listens, if it does.
    port: u16,
}

/// A floor process, seen from the load generator.
pub struct FloorProcess {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    port: u16,
}

impl FloorProcess {
    /// Starts it and waits until it has prepared itself.
    pub fn start(program: &Path, cores: Cores, task: &Task) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["bench", "--floor", &serde_json::to_string(task)?]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = cores.spawn_measured(&mut command)?;
        let asks = child.stdin.take().context("no pipe to the floor")?;
        let answers = BufReader::new(child.stdout.take().context("no pipe from the floor")?);
        let mut floor = Self { child, asks, answers, port: 0 };
        floor.port = floor.hear::<Started>()?.port;
        Ok(floor)
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn cpu_seconds(&self) -> Result<f64> {
        machine::cpu_seconds(self.child.id())
    }

    /// Asks for one round and waits for its result.
    pub fn ask<A: DeserializeOwned>(&mut self, round: &impl Serialize) -> Result<A> {
        writeln!(self.asks, "{}", serde_json::to_string(round)?)?;
        self.hear()
    }

    fn hear<A: DeserializeOwned>(&mut self) -> Result<A> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("the floor said {line:?}"))
    }
}

impl Drop for FloorProcess {
    fn drop(&mut self) {
        // Nothing to do if it ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn tell(line: &impl Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    Ok(out.flush()?)
}

/// Answers each line of standard input with a line, until it ends.
fn answer_lines<Q: DeserializeOwned, A: Serialize>(mut answer: impl FnMut(Q) -> Result<A>) -> Result<()> {
    tell(&Started::default())?;
    for line in io::stdin().lock().lines() {
        tell(&answer(serde_json::from_str(&line?)?)?)?;
    }
    Ok(())
}
