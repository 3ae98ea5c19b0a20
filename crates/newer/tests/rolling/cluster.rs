//! Several processes on the servers of `bin/cluster`, which change their version one after the other.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    Version::{self, Next, This},
    crowd::Crowd,
    eventually,
    ledger::fetch,
    polls::{self, closings, seq},
    support::{Api, Server, cluster::parts, ports::free},
};

/// In the order in which docs/operations/upgrades.md has them restarted.
const PROCESSES: [(&str, &str); 5] = [
    ("notifier", r#""notifier""#),
    ("api1", r#""api", "worker""#),
    ("api2", r#""api", "worker""#),
    ("plexer1", r#""plexer""#),
    ("plexer2", r#""plexer""#),
];

/// How often a process that owns chats is restarted.
const RESTARTS_OF_OWNERS: u32 = 6;

struct Street {
    place: TempDir,
    parts: HashMap<String, String>,
    http: BTreeMap<&'static str, SocketAddr>,
    grpc: BTreeMap<&'static str, SocketAddr>,
    running: BTreeMap<&'static str, Server>,
}

impl Street {
    fn start() -> Self {
        let addresses = || PROCESSES.iter().map(|(name, _)| (*name, free())).collect();
        let place = tempfile::tempdir().expect("a folder");
        let (http, grpc) = (addresses(), addresses());
        let mut street = Self { place, parts: parts(), http, grpc, running: BTreeMap::new() };
        std::fs::write(street.place.path().join("secret"), "5e".repeat(32)).expect("a file");
        for (process, roles) in PROCESSES {
            let data = street.place.path().join(process);
            std::fs::create_dir_all(&data).expect("a folder");
            std::fs::write(data.join("petit.toml"), street.config(process, roles)).expect("a file");
            street.roll(process, This);
        }
        street
    }

    fn config(&self, process: &str, roles: &str) -> String {
        let of = |part: &str| &self.parts[part];
        let name = self.place.path().to_string_lossy();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let at = |address: &SocketAddr| format!("\"http://{address}\"");
        let two = |of: &BTreeMap<&str, SocketAddr>| format!("{}, {}", at(&of["api1"]), at(&of["api2"]));
        let store = format!(
            "[store]\nkind = \"scylla\"\nnodes = [\"{}\"]\nkeyspace = \"petit_tests\"\nreplication = 1\nspace = \"{name}\"",
            of("CASSANDRA")
        );
        [
            format!("[server]\nroles = [{roles}]\ndrain_s = 1"),
            format!("secret_file = \"{}\"", self.place.path().join("secret").display()),
            format!("[cluster]\nlisten = \"{}\"\napis = [{}]", self.grpc[process], two(&self.grpc)),
            format!("api_urls = [{}]\nnotifiers = [{}]", two(&self.http), at(&self.grpc["notifier"])),
            format!("[bus]\nkind = \"nats\"\nservers = [\"{}\"]\nuser = \"{}\"", of("NATS"), of("NATS_USER")),
            format!("password = \"{}\"\nprefix = \"{name}\"", of("NATS_PASSWORD")),
            if process.starts_with("plexer") { String::new() } else { store },
        ]
        .join("\n")
    }

    /// Restarts a process as another version, as an operator does: the next one only when this one is ready.
    fn roll(&mut self, process: &'static str, to: Version) {
        if let Some(server) = self.running.remove(process) {
            assert_eq!(server.stop().code(), Some(0), "{process} ends in good order");
        }
        let listen = self.http[process].to_string();
        let server = Server::start(&to.program(), &self.place.path().join(process), &["--listen", &listen]);
        eventually("it is ready", || server.api("").get("/readyz").is_ok_and(|answer| answer.status == 200));
        self.running.insert(process, server);
    }

    fn api(&self, process: &str, crowd: &Crowd) -> Api {
        crowd.api(self.http[process])
    }
}

#[test]
#[ignore = "needs bin/cluster up"]
fn processes_change_their_version_one_by_one_forward_and_back_under_load_and_nothing_is_lost() {
    let mut street = Street::start();
    let tokens: Vec<String> =
        ["alice", "bob", "carol"].map(|name| street.running["api1"].person(name)).into();
    street.running["api1"].petit(&["user", "add", "root", "--role", "owner"]);
    let root = street.running["api1"].petit(&["token", "create", "root"]);
    let root = root.lines().last().expect("a token").to_owned();
    let doors = [street.http["plexer1"], street.http["plexer2"]];
    let mut crowd = Crowd::begin(&doors, tokens);
    let chats = crowd.chats.clone();
    sleep(Duration::from_secs(1));

    // One of each: what the next one writes is numbered, carried and told by this one, whoever owns the chat.
    street.roll("notifier", Next);
    street.roll("api1", Next);
    let mut api = street.api("api1", &crowd);
    let mut told = BTreeMap::new();
    for chat in &chats {
        polls::open(&mut api, chat, "asked among both", 3_000, false);
        let poll = seq(&fetch(&mut api, chat), "poll", "asked among both").expect("it is there");
        polls::vote(&mut api, chat, poll);
        told.insert(chat.clone(), poll);
    }
    for chat in &chats {
        eventually("all hear a vote", || crowd.ears.iter().all(|ear| ear.has_heard("poll_voted", chat)));
    }
    same_everywhere(&street, &crowd);

    // All are the next one.
    for process in ["api2", "plexer1", "plexer2"] {
        street.roll(process, Next);
    }
    let mut api = street.api("plexer1", &crowd);
    eventually("each is closed once", || {
        chats.iter().all(|chat| closings(&fetch(&mut api, chat), told[chat]) == 1)
    });
    for chat in &chats {
        polls::open(&mut api, chat, "asked among the next", 200, false);
        polls::open(&mut api, chat, "falls due later", 20_000, false);
        eventually("all hear the end", || crowd.ears.iter().all(|ear| ear.has_heard("poll_closed", chat)));
    }

    // Back, in the other order. The last one leaves work behind.
    for process in ["plexer2", "plexer1", "api2"] {
        street.roll(process, This);
    }
    let mut api = street.api("api1", &crowd);
    for chat in &chats {
        polls::open(&mut api, chat, "begun and left", 500, true);
    }
    for process in ["api1", "notifier"] {
        street.roll(process, This);
    }
    same_everywhere(&street, &crowd);
    // Until it is due, and whoever looks for unfinished work has looked.
    sleep(Duration::from_secs(12));
    for process in ["api1", "api2"] {
        let failed = polls::metric(street.http[process], &root, "petit_timers_failed_total");
        assert_eq!(failed, 0.0, "what is not known is not even tried");
    }
    for (chat, now) in crowd.fetch(doors[0]) {
        let later = seq(&now, "poll", "falls due later").expect("it is there");
        assert_eq!((closings(&now, later), seq(&now, "poll", "begun and left")), (0, None), "{chat}");
    }

    // Forward again, but for the gateways: they tell what they do not know.
    crowd.ears.iter().for_each(|ear| ear.heard().foreign.clear());
    for process in ["api1", "api2"] {
        street.roll(process, Next);
    }
    eventually("what was begun is done, and what was due happens", || {
        crowd.fetch(doors[1]).values().all(|now| {
            let is_closed = |name| seq(now, "poll", name).is_some_and(|poll| closings(now, poll) == 1);
            is_closed("falls due later") && is_closed("begun and left")
        })
    });
    for chat in &chats {
        eventually("all hear the end", || crowd.ears.iter().all(|ear| ear.has_heard("poll_closed", chat)));
    }
    crowd.rest();
    // For longer than gateways wait before they compare what they heard with what is so.
    sleep(Duration::from_secs(11));
    doors.iter().for_each(|door| crowd.judge(*door));
    // Where a chat changes its owner, its events may come out of order; that is no reason to fetch more than that chat.
    assert!(crowd.mended() <= RESTARTS_OF_OWNERS * crowd.ears.len() as u32, "{} fetched", crowd.mended());
    crowd.was_busy();
}

/// Foreign messages have the same bytes whichever process is asked.
fn same_everywhere(street: &Street, crowd: &Crowd) {
    for chat in &crowd.chats {
        let bytes = |process| {
            let mut api = street.api(process, crowd);
            let now = fetch(&mut api, chat);
            polls::foreign(&mut api, chat, &now)
        };
        let first = bytes("api1");
        assert!(!first.is_empty(), "the premise: there is something foreign");
        for process in ["api2", "plexer1", "plexer2"] {
            assert_eq!(bytes(process), first, "{process}");
        }
    }
}
