//! Gateways without a store, as processes of their own, on the real database and the real bus.

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/mod.rs"]
mod support;

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use support::{Api, Server, cluster::parts, ports::free, wait::eventually};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, client::IntoClientRequest, connect, stream::MaybeTlsStream,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// An installation of two processes with the role `api` and any number of gateways.
struct Installation {
    place: TempDir,
    parts: HashMap<String, String>,
    name: String,
    grpc: [SocketAddr; 2],
    http: [SocketAddr; 2],
}

impl Installation {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let secret: String = (0..32).map(|_| "7b").collect();
        std::fs::write(place.path().join("secret"), secret).expect("a file");
        let name = format!("r{}", place.path().file_name().expect("a name").to_string_lossy());
        let name = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Self { place, parts: parts(), name, grpc: [free(), free()], http: [free(), free()] }
    }

    fn config(&self, server: &str, cluster: &str) -> String {
        let of = |key| self.parts.get(key).map_or("", String::as_str);
        let [g1, g2] = self.grpc;
        let [h1, h2] = self.http;
        [
            format!("[server]\nsecret_file = \"{}\"\n{server}", self.place.path().join("secret").display()),
            format!("[cluster]\napis = [\"http://{g1}\", \"http://{g2}\"]\n{cluster}"),
            format!("api_urls = [\"http://{h1}\", \"http://{h2}\"]"),
            format!("[bus]\nkind = \"nats\"\nservers = [\"{}\"]\nuser = \"{}\"", of("NATS"), of("NATS_USER")),
            format!("password = \"{}\"\nprefix = \"{}\"", of("NATS_PASSWORD"), self.name),
        ]
        .join("\n")
    }

    fn start(&self, process: &str, config: &str, listen: Option<SocketAddr>) -> Server {
        let data = self.place.path().join(process);
        std::fs::create_dir_all(&data).expect("a folder");
        std::fs::write(data.join("petit.toml"), config).expect("a file");
        let listen = listen.map(|address| address.to_string());
        let more: Vec<_> = listen.iter().flat_map(|address| ["--listen", address]).collect();
        Server::start(Path::new(env!("CARGO_BIN_EXE_petit")), &data, &more)
    }

    fn api(&self, number: usize) -> Server {
        let server = "roles = [\"api\", \"worker\"]\ntrusted_proxies = [\"127.0.0.1\"]";
        let config = self.config(server, &format!("listen = \"{}\"", self.grpc[number]));
        let store = format!(
            "\n[store]\nkind = \"scylla\"\nnodes = [\"{}\"]\nkeyspace = \"petit_gateways\"\nreplication = 1\nspace = \"{}\"\n",
            self.parts["CASSANDRA"], self.name
        );
        self.start(&format!("api{number}"), &(config + &store), Some(self.http[number]))
    }

    /// A gateway. It is told of no database.
    fn plexer(&self, name: &str, drain_s: u32) -> Server {
        self.start(name, &self.config(&format!("roles = [\"plexer\"]\ndrain_s = {drain_s}"), ""), None)
    }
}

type Wire = WebSocket<MaybeTlsStream<TcpStream>>;

struct Socket {
    wire: Wire,
    resume_token: String,
    events: Vec<Value>,
}

impl Socket {
    fn open(server: &Server) -> Wire {
        let url = format!("ws://{}/v1/socket", server.address).into_client_request().expect("an address");
        let (mut wire, _) = connect(url).expect("a socket");
        if let MaybeTlsStream::Plain(stream) = wire.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("the kernel lets us");
        }
        assert_eq!(frame(&mut wire)["type"], "hello");
        wire
    }

    /// Signed in, by a ticket that is asked for at the same gateway.
    fn of(server: &Server, token: &str) -> Self {
        let ticket = server.api(token).call("POST", "/v1/socket-ticket", None).expect("answered").expect(201);
        let mut wire = Self::open(server);
        say(&mut wire, &json!({ "type": "identify", "ticket": ticket["ticket"] }));
        let ready = frame(&mut wire);
        assert_eq!(ready["type"], "ready", "{ready}");
        let resume_token = ready["resume_token"].as_str().expect("a token").to_owned();
        Self { wire, resume_token, events: Vec::new() }
    }

    /// Goes on with a token of another socket: answers whether that was exact.
    fn resume(server: &Server, token: &str, cursors: &Value) -> (Self, bool) {
        let mut wire = Self::open(server);
        say(&mut wire, &json!({ "type": "resume", "token": token, "received": 0, "cursors": cursors }));
        let resumed = frame(&mut wire);
        assert_eq!(resumed["type"], "resumed", "{resumed}");
        let resume_token = resumed["resume_token"].as_str().expect("a token").to_owned();
        let exact = resumed["exact"].as_bool().expect("it says");
        (Self { wire, resume_token, events: Vec::new() }, exact)
    }

    fn request(&mut self, id: u64, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut asked = json!({ "type": "request", "id": id, "method": method, "path": path });
        if let Some(body) = body {
            asked["body"] = body;
        }
        say(&mut self.wire, &asked);
        loop {
            let frame = frame(&mut self.wire);
            if frame["type"] == "response" && frame["id"] == id {
                let status = frame["status"].as_u64().and_then(|status| u16::try_from(status).ok());
                return (status.expect("a status"), frame["body"].clone());
            }
            self.note(&frame);
        }
    }

    fn note(&mut self, frame: &Value) {
        if frame["type"] == "event" {
            self.events.push(frame["event"].clone());
        }
    }

    /// Reads until a message with this text came.
    fn hear(&mut self, text: &str) {
        while !self.events.iter().any(|event| event["message"]["text"] == text) {
            let frame = frame(&mut self.wire);
            self.note(&frame);
        }
    }
}

fn say(wire: &mut Wire, frame: &Value) {
    wire.send(Message::text(frame.to_string())).expect("it takes it");
}

fn frame(wire: &mut Wire) -> Value {
    loop {
        if let Message::Text(text) = wire.read().expect("a frame in time") {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}

fn group(api: &mut Api, name: &str) -> String {
    let body = json!({ "kind": "group", "name": name, "members": [] });
    let made = api.call("POST", "/v1/chats", Some(&body)).expect("answered").expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The answer to a plain request, head and body.
fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).expect("connected");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
#[ignore = "needs bin/cluster up"]
fn a_gateway_without_a_store_is_a_full_door_and_outlives_the_application() {
    let installation = Installation::new();
    let (one, other) = (installation.api(0), installation.api(1));
    let (p1, p2) = (installation.plexer("p1", 0), installation.plexer("p2", 2));
    let alice = one.person("alice");
    assert!(
        !installation.place.path().join("p1/petit.db").exists()
            && !installation.place.path().join("p1/secret").exists()
    );

    // Everything through the gateway: pages, REST, frames, events of the other gateway's people.
    let page =
        raw(&p1, "GET / HTTP/1.1\r\nhost: petit\r\ncookie: petit_session=any\r\nconnection: close\r\n\r\n");
    assert!(page.contains("200 OK") && page.contains("text/html"), "{page}");
    let chat = group(&mut p1.api(&alice), "Crew");
    let path = format!("/v1/chats/{chat}/messages");
    let (mut here, mut there) = (Socket::of(&p1, &alice), Socket::of(&p2, &alice));
    let (status, sent) = here.request(1, "POST", &path, Some(json!({ "text": "one", "client_id": "c1" })));
    assert_eq!(status, 201, "{sent}");
    there.hear("one");
    here.hear("one");

    // Nobody can claim to be somebody by the inner header.
    let forged = raw(
        &p1,
        "GET /v1/me HTTP/1.1\r\nhost: petit\r\nx-petit-caller: e30.e30\r\nconnection: close\r\n\r\n",
    );
    assert!(forged.contains("401"), "{forged}");
    let refused = p1_refuses(&installation);
    assert!(refused.contains("has no store"), "{refused}");

    // One of the two is killed: nothing is noticed but a moment.
    one.kill();
    for number in 0..20 {
        let text = format!("without one {number}");
        let body = json!({ "text": text, "client_id": format!("w{number}") });
        eventually("sent", PATIENCE, || {
            here.request(100 + number, "POST", &path, Some(body.clone())).0 == 201
        });
        there.hear(&text);
    }

    // Both are gone: sockets stay, requests are refused at once, and it goes on by itself.
    other.kill();
    let begun = Instant::now();
    let (status, problem) =
        here.request(200, "POST", &path, Some(json!({ "text": "two", "client_id": "c2" })));
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")), "{problem}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let refused = raw(&p1, "GET /v1/me HTTP/1.1\r\nhost: petit\r\nconnection: close\r\n\r\n").to_lowercase();
    assert!(refused.contains("503") && refused.contains("retry-after: 1"), "{refused}");
    assert!(refused.contains("application/problem+json"), "{refused}");
    assert_eq!(p1.api("").get("/readyz").expect("answered").status, 503);
    assert_eq!(p1.api("").get("/healthz").expect("answered").status, 200);
    let _other = installation.api(1);
    eventually("it goes on", PATIENCE, || {
        here.request(201, "POST", &path, Some(json!({ "text": "two", "client_id": "c2" }))).0 == 201
    });
    there.hear("two");

    // A gateway that is asked to stop sends its sockets away; they go on at the other one.
    here.hear("two");
    let seen = here.events.iter().rfind(|event| event["type"] == "message_created");
    let cursors = json!({ &chat: { "seq": seen.expect("heard")["seq"], "cseq": -1 } });
    p2.signal(Signal::TERM);
    eventually("it sends them away", PATIENCE, || frame(&mut there.wire)["type"] == "goaway");
    let (status, _) = here.request(300, "POST", &path, Some(json!({ "text": "three", "client_id": "c3" })));
    assert_eq!(status, 201);
    let (mut resumed, exact) = Socket::resume(&p1, &there.resume_token, &cursors);
    assert!(!exact, "it was elsewhere");
    resumed.hear("three");
    assert_eq!(p2.wait().code(), Some(0));
}

#[test]
#[ignore = "needs bin/cluster up"]
fn an_application_that_stands_still_is_left_out_and_nothing_is_written_twice() {
    let installation = Installation::new();
    let apis = [installation.api(0), installation.api(1)];
    let plexer = installation.plexer("p", 0);
    let alice = apis[0].person("alice");
    let chat = group(&mut plexer.api(&alice), "Crew");
    let path = format!("/v1/chats/{chat}/messages");
    let mut socket = Socket::of(&plexer, &alice);
    let mut slow = 0;
    for (number, frozen) in apis.iter().enumerate() {
        frozen.signal(Signal::STOP);
        let body = json!({ "text": format!("frozen {number}"), "client_id": format!("f{number}") });
        let begun = Instant::now();
        eventually("sent", PATIENCE, || socket.request(1, "POST", &path, Some(body.clone())).0 == 201);
        slow += usize::from(begun.elapsed() > Duration::from_secs(4));
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
        let begun = Instant::now();
        assert_eq!(socket.request(2, "GET", &path, None).0, 200);
        assert!(begun.elapsed() < Duration::from_secs(2), "it is left out: {:?}", begun.elapsed());
        frozen.signal(Signal::CONT);
        eventually("it is back", PATIENCE, || {
            frozen.api(&alice).get("/readyz").is_ok_and(|answer| answer.status == 200)
        });
    }
    // Both are, if the other one stops while the first is still left out.
    assert!(slow > 0, "the premise: one of the two was asked while it stood still");
    let (_, page) = socket.request(3, "GET", &path, None);
    let texts: Vec<_> = page["items"].as_array().expect("a list").iter().map(|item| &item["text"]).collect();
    let twice = |text: &str| texts.iter().filter(|said| **said == text).count();
    assert_eq!((twice("frozen 0"), twice("frozen 1")), (1, 1), "{texts:?}");
}

/// What the command line says on a gateway's folder.
fn p1_refuses(installation: &Installation) -> String {
    let data = installation.place.path().join("p1");
    let output = support::process::command(Path::new(env!("CARGO_BIN_EXE_petit")))
        .args(["user", "list", "--data"])
        .arg(data)
        .output()
        .expect("it runs");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}
