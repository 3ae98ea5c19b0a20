//! Plexers and notifiers as processes of their own, on the real database and the real bus.

#[expect(dead_code, reason = "each test uses its part")]
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use support::{Server, cluster::parts, ports::free, wait::eventually};
use tempfile::TempDir;

/// How long somebody who left everywhere may be shown: the grace, and some time for a slow machine.
const GONE_WITHIN: Duration = Duration::from_secs(50);

/// One installation: a space of its own in the database, a prefix of its own on the bus.
struct Installation {
    place: TempDir,
    parts: HashMap<String, String>,
    notifiers: [SocketAddr; 2],
    name: String,
}

impl Installation {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let secret: String = (0..32).map(|_| "5a").collect();
        std::fs::write(place.path().join("secret"), secret).expect("a file");
        let name = format!("n{}", place.path().file_name().expect("a name").to_string_lossy());
        let name = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Self { place, parts: parts(), notifiers: [free(), free()], name }
    }

    fn nats(&self) -> String {
        let of = |key| self.parts.get(key).map_or("", String::as_str);
        format!(
            "[bus]\nkind = \"nats\"\nservers = [\"{}\"]\nuser = \"{}\"\npassword = \"{}\"\nprefix = \"{}\"\n",
            of("NATS"),
            of("NATS_USER"),
            of("NATS_PASSWORD"),
            self.name,
        )
    }

    /// Starts a process; `more` are sections that only this one has.
    fn start(&self, process: &str, roles: &str, more: &str) -> Server {
        let data = self.place.path().join(process);
        std::fs::create_dir_all(&data).expect("a folder");
        let [one, other] = self.notifiers;
        let listen = match process {
            "n1" => format!("listen = \"{one}\""),
            "n2" => format!("listen = \"{other}\""),
            _ => String::new(),
        };
        let config = [
            format!("[server]\nroles = [{roles}]"),
            format!("secret_file = \"{}\"", self.place.path().join("secret").display()),
            format!("[cluster]\nnotifiers = [\"http://{one}\", \"http://{other}\"]"),
            listen,
            format!("[store]\nkind = \"scylla\"\nnodes = [\"{}\"]", self.parts["CASSANDRA"]),
            format!("keyspace = \"petit_notifiers\"\nreplication = 1\nspace = \"{}\"", self.name),
            more.to_owned(),
        ];
        std::fs::write(data.join("petit.toml"), config.join("\n")).expect("a file");
        Server::start(Path::new(env!("CARGO_BIN_EXE_petit")), &data, &[])
    }
}

/// An event stream. Its person is here while it is open.
fn events(server: &Server, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).expect("it answers");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("the kernel lets us");
    let request = format!("GET /v1/events HTTP/1.1\r\nhost: petit\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it takes it");
    read_until(&mut stream, ": connected");
    stream
}

fn read_until(stream: &mut TcpStream, text: &str) {
    let (mut all, mut piece) = (String::new(), [0; 4096]);
    while !all.contains(text) {
        let count = stream.read(&mut piece).expect("something in time");
        assert!(count > 0, "the stream ended: {all}");
        all.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
}

fn presence(server: &Server, viewer: &str, of: &str) -> Value {
    let page = server.api(viewer).get(&format!("/v1/presence?users={of}")).expect("an answer").expect(200);
    page["items"][0]["presence"].clone()
}

fn stays(what: &str, during: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + during;
    while Instant::now() < end {
        assert!(holds(), "no longer: {what}");
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[test]
#[ignore = "needs bin/cluster up"]
fn presence_is_one_over_two_plexers_and_survives_a_notifier_and_a_plexer_needs_no_bus_of_its_own() {
    let installation = Installation::new();
    let nats = installation.nats();
    let n1 = installation.start("n1", "\"notifier\"", &nats);
    let n2 = installation.start("n2", "\"notifier\"", &nats);
    let a = installation.start("a", "\"api\", \"plexer\"", &nats);
    let b = installation.start("b", "\"api\", \"plexer\"", "[bus]\nkind = \"notifier\"\n");
    let (alice, bob) = (a.person("alice"), a.person("bob"));
    let id = |token: &str| {
        let me = a.api(token).get("/v1/me").expect("an answer").expect(200);
        me["id"].as_str().expect("an id").to_owned()
    };
    let (alices, bobs) = (id(&alice), id(&bob));
    let group = json!({ "kind": "group", "name": "Crew", "members": [bobs] });
    let chat = a.api(&alice).call("POST", "/v1/chats", Some(&group)).expect("an answer").expect(201);
    let (at_home, at_work) = (events(&a, &alice), events(&b, &alice));
    let here = |server: &Server| presence(server, &bob, &alices) == "online";
    eventually("here on both", Duration::from_secs(20), || here(&a) && here(&b));

    let mut listener = events(&b, &bob);
    let path = format!("/v1/chats/{}/messages", chat["id"].as_str().expect("an id"));
    let message = json!({ "text": "through a notifier", "client_id": "c1" });
    a.api(&alice).call("POST", &path, Some(&message)).expect("an answer").expect(201);
    read_until(&mut listener, "through a notifier");

    drop(at_home);
    stays("still on the other plexer", Duration::from_secs(35), || here(&a) && here(&b));
    n1.kill();
    stays("whoever answers for her", Duration::from_secs(50), || here(&a) && here(&b));
    drop(at_work);
    let gone = |server: &Server| presence(server, &bob, &alices) == "offline";
    eventually("gone from both", GONE_WITHIN, || gone(&a) && gone(&b));
    drop(n2);
}
