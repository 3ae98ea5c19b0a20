//! A whole installation: two processes of each role that people notice, one of the others.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    proxy::Proxy,
    support::{Api, Server, cluster::parts, ports::free, process::command},
};

/// How the installation is laid out.
#[derive(Default)]
pub struct Layout {
    /// Database and bus are reached through doors that can be shut.
    pub proxies: bool,
    /// Each api process believes that it owns every chat.
    pub rivals: bool,
    /// On the ring of three, with three copies.
    pub ring: bool,
    /// More configuration.
    pub more: &'static str,
}

fn cluster(words: &[&str]) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/cluster");
    let output = Command::new(program).args(words).output().expect("bin/cluster runs");
    String::from_utf8(output.stdout).expect("text")
}

/// Sends a signal to a node of the ring.
pub fn ring(signal: &str, process: &str) {
    let pid = cluster(&["pid", process]);
    Command::new("kill").args([&format!("-{signal}"), pid.trim()]).status().expect("kill runs");
}

pub fn mend_ring() {
    cluster(&["up", "--only", "ring"]);
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_petit"))
}

const PROCESSES: [(&str, &str); 6] = [
    ("api1", "api"),
    ("api2", "api"),
    ("notifier", "notifier"),
    ("worker", "worker"),
    ("plexer1", "plexer"),
    ("plexer2", "plexer"),
];

pub struct Installation {
    place: TempDir,
    http: BTreeMap<&'static str, SocketAddr>,
    running: BTreeMap<&'static str, Server>,
    database: Option<Proxy>,
    bus: Option<Proxy>,
    token: String,
    chat: String,
}

/// What a refusal said.
pub struct Status {
    pub code: u16,
    pub code_text: String,
    pub retry_after: bool,
}

impl Installation {
    pub fn start(layout: &Layout) -> Self {
        let (place, parts) = (tempfile::tempdir().expect("a folder"), parts());
        let http = PROCESSES.iter().map(|(name, _)| (*name, free())).collect();
        let through = |key: &str| {
            let server = parts[key].trim_start_matches("nats://").parse().expect("an address");
            layout.proxies.then(|| Proxy::to(server))
        };
        let (database, bus) = (through("CASSANDRA"), through("NATS"));
        let mut world = Self {
            place,
            http,
            running: BTreeMap::new(),
            database,
            bus,
            token: String::new(),
            chat: String::new(),
        };
        world.configure(layout, &parts);
        for (name, _) in PROCESSES {
            world.restart(name);
        }
        world.begin();
        world
    }

    fn configure(&self, layout: &Layout, parts: &HashMap<String, String>) {
        let secret = self.place.path().join("secret");
        std::fs::write(&secret, "6c".repeat(32)).expect("a file");
        let name: String =
            self.place.path().to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
        let grpc: BTreeMap<&'static str, SocketAddr> =
            PROCESSES.iter().map(|(name, _)| (*name, free())).collect();
        let address =
            |of: &BTreeMap<&'static str, SocketAddr>, name: &str| format!("\"http://{}\"", of[name]);
        let nodes = match (&self.database, layout.ring) {
            (Some(proxy), _) => format!("\"{}\"", proxy.address),
            (None, true) => {
                parts["RING"].split(',').map(|node| format!("\"{node}\"")).collect::<Vec<_>>().join(", ")
            }
            (None, false) => format!("\"{}\"", parts["CASSANDRA"]),
        };
        let nats =
            self.bus.as_ref().map_or(parts["NATS"].clone(), |proxy| format!("nats://{}", proxy.address));
        for (process, role) in PROCESSES {
            // Each of two rivals believes that it is alone, and so does its gateway.
            let pair = if process.ends_with('2') { ["api2"; 2] } else { ["api1"; 2] };
            let seen = if layout.rivals { &pair[..1] } else { &["api1", "api2"][..] };
            let list = |of: &BTreeMap<&'static str, SocketAddr>| {
                seen.iter().map(|name| address(of, name)).collect::<Vec<_>>().join(", ")
            };
            let (apis, api_urls) = (list(&grpc), list(&self.http));
            let text = [
                format!(
                    "[server]\nroles = [\"{role}\"]\nsecret_file = \"{}\"\ndrain_s = 2",
                    secret.display()
                ),
                format!("public_url = \"http://{}\"", self.http["plexer1"]),
                format!(
                    "[identity]\nkind = \"builtin\"\nsign_up = \"closed\"\n[cluster]\nlisten = \"{}\"",
                    grpc[process]
                ),
                format!("apis = [{apis}]\nnotifiers = [{}]", address(&grpc, "notifier")),
                format!("api_urls = [{api_urls}]"),
                format!("[bus]\nkind = \"nats\"\nservers = [\"{nats}\"]\nuser = \"{}\"", parts["NATS_USER"]),
                format!("password = \"{}\"\nprefix = \"{name}\"", parts["NATS_PASSWORD"]),
                format!("[store]\nkind = \"scylla\"\nnodes = [{nodes}]\nspace = \"{name}\""),
                match layout.ring {
                    true => "keyspace = \"petit_ring\"\nreplication = 3".to_owned(),
                    false => "keyspace = \"petit_tests\"\nreplication = 1".to_owned(),
                },
                "[log]\nlevel = \"error\"".to_owned(),
                layout.more.to_owned(),
            ];
            let text = match role {
                "plexer" => text[..7].iter().chain(&text[9..]).cloned().collect::<Vec<_>>().join("\n"),
                _ => text.join("\n"),
            };
            let data = self.place.path().join(process);
            std::fs::create_dir_all(&data).expect("a folder");
            std::fs::write(data.join("petit.toml"), text).expect("a file");
        }
    }

    pub fn restart(&mut self, name: &'static str) {
        let listen = self.http[name].to_string();
        let data = self.place.path().join(name);
        self.running.insert(name, Server::start(&program(), &data, &["--listen", &listen]));
    }

    pub fn kill(&mut self, name: &str) {
        self.running.remove(name).expect("it runs").kill();
    }

    pub fn stop(&mut self, name: &str) {
        self.running.remove(name).expect("it runs").stop();
    }

    pub fn signal(&self, name: &str, signal: Signal) {
        self.running[name].signal(signal);
    }

    pub fn database(&self) -> &Proxy {
        self.database.as_ref().expect("a layout with doors")
    }

    pub fn bus(&self) -> &Proxy {
        self.bus.as_ref().expect("a layout with doors")
    }

    /// Somebody who looks at it while things go wrong.
    fn begin(&mut self) {
        self.token = self.running["api1"].person("looker");
        let group = json!({"kind": "group", "name": "Looking on", "members": []});
        let made = self.api().call("POST", "/v1/chats", Some(&group));
        self.chat = made.expect("answered").expect(201)["id"].as_str().expect("an id").to_owned();
    }

    fn api(&self) -> Api {
        Api::connect(self.http["plexer2"], &self.token).expect("a gateway answers")
    }

    /// How a write is answered now, and how long that took.
    pub fn answer_to_a_write(&self) -> (Status, Duration) {
        let message = json!({"text": "is anybody there?", "client_id": "looking"});
        let path = format!("/v1/chats/{}/messages", self.chat);
        let begun = Instant::now();
        let answer = self.api().call("POST", &path, Some(&message)).expect("answered");
        let code_text = answer.body["code"].as_str().unwrap_or_default().to_owned();
        (
            Status { code: answer.status, code_text, retry_after: answer.retry_after.is_some() },
            begun.elapsed(),
        )
    }

    /// A counter of each process that writes.
    pub fn counted(&self, counter: &str) -> [u64; 2] {
        let of = |name: &str| {
            let mut api = Api::connect(self.http[name], &self.token).expect("it answers");
            let answer = api.get("/metrics").expect("answered");
            assert_eq!(answer.status, 200, "{}", answer.text);
            let text = answer.text;
            let line = text.lines().find_map(|line| line.strip_prefix(counter)?.trim().parse::<f64>().ok());
            line.unwrap_or(0.0) as u64
        };
        ["api1", "api2"].map(of)
    }

    /// Begins to play: nothing is broken before everybody is there.
    pub fn check(&self, during: Duration, seed: u64) -> Check {
        let urls = format!("http://{},http://{}", self.http["plexer1"], self.http["plexer2"]);
        let config = self.place.path().join("api1/petit.toml");
        let mut check = command(&program());
        check
            .args(["check", "--url", &urls, "--data"])
            .arg(self.place.path().join("api1"))
            .arg("--config")
            .arg(config);
        check.args(["--seconds", &during.as_secs().to_string(), "--seed", &seed.to_string(), "--rate", "8"]);
        let mut child = check.stdout(Stdio::piped()).spawn().expect("the checker starts");
        let mut told = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut first = String::new();
        told.read_line(&mut first).expect("its output can be read");
        assert!(first.contains("people play"), "the game does not begin: {first}");
        Check { child, told }
    }
}

/// A checker that plays.
pub struct Check {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Check {
    /// Waits for its verdict, which has to be that every law holds.
    pub fn verdict(mut self, fault: &str) {
        let mut told = String::new();
        self.told.read_to_string(&mut told).expect("its output can be read");
        let status = self.child.wait().expect("the checker ends");
        let lines: Vec<&str> = told.lines().take(4).collect();
        println!("FAULT {fault}\n     {}", lines.join("\n     "));
        assert!(status.success(), "{fault}\n{told}");
    }
}
