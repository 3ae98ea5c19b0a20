//! The machine: which core does what, how many files may be open, who else is using it.

use std::{fs, process::Child, process::Command};

use anyhow::{Context, Result};
use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// The core of what is measured and the core of the load. Without a second core nothing is pinned.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    pair: Option<(usize, usize)>,
}

impl Cores {
    /// Takes the first two cores this process may use and moves this thread to the second.
    pub fn claim() -> Self {
        let pair = two_cores();
        let cores = Self { pair };
        cores.enter(pair.map(|(_, load)| load));
        cores
    }

    /// Leaves it to the kernel what runs where.
    pub const fn none() -> Self {
        Self { pair: None }
    }

    pub const fn pinned(self) -> bool {
        self.pair.is_some()
    }

    /// Starts a program on the core of what is measured: a child inherits the core of the thread that makes it.
    pub fn spawn_measured(self, command: &mut Command) -> Result<Child> {
        self.enter(self.pair.map(|(measured, _)| measured));
        let child = command.spawn().with_context(|| format!("starting {:?}", command.get_program()));
        self.enter(self.pair.map(|(_, load)| load));
        child
    }

    fn enter(self, core: Option<usize>) {
        let Some(core) = core else { return };
        let mut set = CpuSet::new();
        set.set(core);
        if let Err(error) = sched_setaffinity(None, &set) {
            eprintln!("cannot pin to core {core}: {error}");
        }
    }
}

fn two_cores() -> Option<(usize, usize)> {
    let allowed = sched_getaffinity(None).ok()?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Some((cores.next()?, cores.next()?))
}

/// Lifts the soft limit of open files to the hard one and tells it.
pub fn raise_open_files() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        eprintln!("cannot raise the limit of open files: {error}");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// What all processes together have used of the machine since it started, in CPU-seconds.
pub fn busy_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq
    [0, 1, 2, 5, 6].iter().filter_map(|place| ticks.get(*place)).sum::<f64>() / TICKS_PER_SECOND
}

/// Kernel memory in slabs, in bytes.
pub fn slab_bytes() -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    kilobytes(&text, "Slab:")
}

/// `USER_HZ`, which Linux has fixed for everything it shows in `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU-seconds a process has used, user and kernel.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(ticks(pid)?.iter().take(2).sum::<f64>() / TICKS_PER_SECOND)
}

/// CPU-seconds this process and all its children have used, the ended ones too.
pub fn family_cpu_seconds() -> f64 {
    let own = std::process::id();
    let living = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
    let family = living.split_whitespace().filter_map(|pid| pid.parse().ok()).chain([own]);
    family.filter_map(|pid| ticks(pid).ok()).flatten().sum::<f64>() / TICKS_PER_SECOND
}

/// User and kernel time of a process, then of the children it has waited for.
fn ticks(pid: u32) -> Result<Vec<f64>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the measured process is gone")?;
    // The name in parentheses may hold spaces; what follows it is numbers.
    let (_, rest) = stat.rsplit_once(')').context("/proc/…/stat without a name")?;
    Ok(rest.split_whitespace().skip(11).take(4).filter_map(|word| word.parse().ok()).collect())
}

/// The process that listens on this port of TCP, if one does and may be looked at.
pub fn listener(port: u16) -> Option<u32> {
    const LISTENS: &str = "0A";
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| fs::read_to_string(file).unwrap_or_default());
    let ending = format!(":{port:04X}");
    let inode = tables.iter().flat_map(|table| table.lines()).find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_it = words.get(1)?.ends_with(&ending) && words.get(3) == Some(&LISTENS);
        is_it.then(|| words.get(9).copied())?
    })?;
    let socket = format!("socket:[{inode}]");
    let pids =
        fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.into_iter().find(|pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files
            .into_iter()
            .any(|file| fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket.as_str()))
    })
}

/// Resident memory of a process, in bytes.
pub fn resident_bytes(pid: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).context("the measured process is gone")?;
    Ok(kilobytes(&text, "VmRSS:"))
}

fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).unwrap_or_default() * 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_sees_its_own_cpu_and_memory() {
        let pid = std::process::id();
        let before = cpu_seconds(pid).expect("alive");
        while cpu_seconds(pid).expect("alive") < before + 0.02 {
            std::hint::black_box((0..10_000).sum::<u64>());
        }
        assert!(resident_bytes(pid).expect("alive") > 100_000.0);
        assert!(busy_seconds() > 0.0 && slab_bytes() > 0.0);
        assert!(cpu_seconds(u32::MAX).is_err());
    }

    #[test]
    fn who_listens_is_found_by_the_port() {
        let listens = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listens.local_addr().expect("an address").port();
        assert_eq!(listener(port), Some(std::process::id()));
        drop(listens);
        assert_eq!(listener(port), None);
    }
}
