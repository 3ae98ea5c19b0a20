//! The workloads. Each gets a server of its own on a copy of the same prepared data.

mod big_room;
mod burst;
mod herd;
pub(crate) mod history;
mod idle;
mod paced;
pub(crate) mod posting;
mod reactions;
mod said;
mod small_rooms;
mod start;
mod storm;

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    args::{BenchArgs, Scale, Workload},
    floor::{FloorProcess, Task},
    machine::{self, Cores},
    people::{self, Account},
    petit,
    report::Report,
    server::{Server, copy_data},
    stats::figure,
};

/// What all workloads share.
pub struct Bench {
    /// The program to measure.
    server: PathBuf,
    /// This program, which also is the floors.
    itself: PathBuf,
    cores: Cores,
    pub scale: Scale,
    folder: TempDir,
    accounts: Rc<[Account]>,
    /// Data of the history workload's stopped server.
    loaded: Option<PathBuf>,
    pub report: Report,
}

impl Bench {
    /// Prepares data with people in it.
    pub fn prepare(args: &BenchArgs) -> Result<Self> {
        let itself = std::env::current_exe()?;
        let scale = Scale::of(args);
        let mut bench = Self {
            server: petit::program(args.server.as_deref())?,
            itself,
            cores: Cores::claim(),
            folder: TempDir::with_prefix("petit-bench-")?,
            accounts: Rc::new([]),
            loaded: None,
            report: Report { indicative: scale.quick, ..Report::default() },
            scale,
        };
        bench.describe();
        bench.make_people().context("making people")?;
        Ok(bench)
    }

    fn describe(&mut self) {
        let pinned = match self.cores.pinned() {
            true => "server and floors on one core, load on another",
            false => "NOT pinned: there is only one core",
        };
        let files = machine::raise_open_files();
        self.report.note(format!("{pinned}; {files} open files for each process; all on loopback, no TLS"));
    }

    fn make_people(&mut self) -> Result<()> {
        let server = Server::start(&self.server, self.cores, &self.template())?;
        self.accounts = people::make(&self.server, &server, self.scale.people)?.into();
        let sockets = self.scale.rooms.iter().max().copied().unwrap_or_default();
        self.report.note(format!(
            "{} people; sockets are shared out among them (up to {} in one room)",
            self.accounts.len(),
            figure(sockets as f64)
        ));
        server.stop()
    }

    fn template(&self) -> PathBuf {
        self.folder.path().join("template")
    }

    /// Runs one workload and tells how much of the machine others used meanwhile.
    pub fn run(&mut self, workload: Workload) {
        println!("\n{workload:?}");
        let others = Others::begin();
        let outcome = match workload {
            Workload::W1 => {
                big_room::run(self).and_then(|()| paced::run(self)).and_then(|()| burst::run(self))
            }
            Workload::W2 => small_rooms::run(self),
            Workload::W3 => {
                storm::run(self).and_then(|()| reactions::run(self)).and_then(|()| said::run(self))
            }
            Workload::W4 => history::run(self),
            Workload::W6 => idle::run(self),
            Workload::W7 => start::run(self),
        };
        if let Err(error) = outcome {
            self.report.failed(format!("{workload:?}: {error:#}"));
        }
        self.report.note(format!("{workload:?} {}", others.end()));
    }

    /// A running server with the prepared people and nothing else.
    fn server(&self, name: &str) -> Result<Server> {
        let data = self.folder.path().join(name);
        copy_data(&self.template(), &data)?;
        Server::start(&self.server, self.cores, &data)
    }

    fn floor(&self, task: &Task) -> Result<FloorProcess> {
        FloorProcess::start(&self.itself, self.cores, task)
    }

    fn floor_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("floor-{name}"))
    }

    fn program(&self) -> &Path {
        &self.server
    }
}

/// Foreign load, which makes rates and times worse and leaves CPU figures about right.
struct Others {
    since: std::time::Instant,
    busy: f64,
    own: f64,
}

impl Others {
    fn begin() -> Self {
        Self {
            since: std::time::Instant::now(),
            busy: machine::busy_seconds(),
            own: machine::family_cpu_seconds(),
        }
    }

    fn end(self) -> String {
        let time = self.since.elapsed().as_secs_f64();
        let own = machine::family_cpu_seconds() - self.own;
        let foreign = (machine::busy_seconds() - self.busy - own).max(0.0) / time;
        let warning = if foreign > 0.2 { ": trust CPU figures and ratios, not rates and times" } else { "" };
        format!("took {time:.0} s; other processes used {foreign:.2} cores meanwhile{warning}")
    }
}
