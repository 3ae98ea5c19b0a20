use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::Api;

/// The command line, away from this process's configuration.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PETIT_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    program: PathBuf,
    data: PathBuf,
    pub address: SocketAddr,
    /// What it had printed when it was ready.
    pub greeting: Vec<String>,
    /// Held so that the server never writes into a closed pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it and waits for its address: on any free port, unless `more` says another one.
    pub fn start(program: &Path, data: &Path, more: &[&str]) -> Self {
        let mut serve = command(program);
        serve.args(["serve", "--data"]).arg(data).args(more);
        if !more.contains(&"--listen") {
            serve.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = serve.stdout(Stdio::piped()).spawn().expect("the server can be started");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut greeting = Vec::new();
        let address = loop {
            let mut line = String::new();
            let read = stdout.read_line(&mut line).expect("its output can be read");
            assert!(read > 0, "the server ended before it was ready: {greeting:?}");
            greeting.push(line.trim_end().to_owned());
            if let Some(address) = line.trim_end().strip_prefix("http://").and_then(|rest| rest.parse().ok())
            {
                break address;
            }
        };
        Self { child, program: program.to_owned(), data: data.to_owned(), address, greeting, _stdout: stdout }
    }

    /// A connection with this token.
    pub fn api(&self, token: &str) -> Api {
        Api::connect(self.address, token)
            .unwrap_or_else(|error| panic!("{error}; it said {:?}", self.greeting))
    }

    /// What the command line prints, run beside the server.
    pub fn petit(&self, words: &[&str]) -> String {
        let output =
            command(&self.program).args(words).arg("--data").arg(&self.data).output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "petit {} failed: {errors}", words.join(" "));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Makes an account and a bearer token for it.
    pub fn person(&self, username: &str) -> String {
        self.petit(&["user", "add", username]);
        self.petit(&["token", "create", username]).lines().last().expect("a token").to_owned()
    }

    /// The end nobody expects.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end, and waits.
    pub fn stop(self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not end in time");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("the process is there");
    }

    fn id(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process has an id")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().expect("it can be killed");
            self.child.wait().expect("it ends");
        }
    }
}
