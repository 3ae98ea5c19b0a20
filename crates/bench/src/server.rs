//! The measured server: a child process on its own core, with a data folder of its own.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::{http::Api, machine, machine::Cores};

pub struct Server {
    child: Child,
    port: u16,
    data: PathBuf,
}

impl Server {
    /// Starts the server and waits until it answers.
    pub fn start(program: &Path, cores: Cores, data: &Path) -> Result<Self> {
        let mut server = Self::launch(program, cores, data)?;
        server.wait_healthy()?;
        Ok(server)
    }

    /// Starts the server's process.
    pub fn launch(program: &Path, cores: Cores, data: &Path) -> Result<Self> {
        Self::launch_on(program, cores, data, free_port()?)
    }

    /// Starts the server on a port that others were told of, and waits until it answers.
    pub fn start_on(program: &Path, cores: Cores, data: &Path, port: u16) -> Result<Self> {
        let mut server = Self::launch_on(program, cores, data, port)?;
        server.wait_healthy()?;
        Ok(server)
    }

    fn launch_on(program: &Path, cores: Cores, data: &Path, port: u16) -> Result<Self> {
        let log = File::create(log_of(data))?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = cores.spawn_measured(&mut command)?;
        Ok(Self { child, port, data: data.to_owned() })
    }

    /// Asks for its health until it is well, every fifth of a millisecond.
    pub fn wait_healthy(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while !healthy(self.port) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status}):\n{}", self.log());
            }
            ensure!(Instant::now() < end, "the server did not answer within 30 s:\n{}", self.log());
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn cpu_seconds(&self) -> Result<f64> {
        machine::cpu_seconds(self.child.id())
    }

    pub fn resident_bytes(&self) -> Result<f64> {
        machine::resident_bytes(self.child.id())
    }

    pub fn api(&self) -> Result<Api> {
        Api::connect(self.port)
    }

    /// Ends it in good order, so that its data can be copied.
    pub fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process(pid, Signal::TERM)?;
        let end = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < end, "the server did not stop within 20 s:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(log_of(&self.data)).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Nothing to do if it ended in between.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn healthy(port: u16) -> bool {
    let asked = Api::connect(port).and_then(|mut api| api.call("GET", "/healthz", "", ""));
    matches!(asked, Ok((200, _)))
}

fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// A port nobody listens on, of those that the kernel gives to no outgoing connection: such a one could take
/// it first. A new one for each run, because closed connections block theirs for a minute.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 18_000;
    const COUNT: u16 = 14_000;
    let start = (std::process::id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let port = FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("every port from {FIRST} on is taken")
}

/// Copies the regular files of a stopped server's data folder.
pub fn copy_data(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_data(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
