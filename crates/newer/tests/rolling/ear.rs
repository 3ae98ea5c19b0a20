//! Somebody who only listens, and goes on where they were whenever a server goes away.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client, client::IntoClientRequest};

use crate::{ledger::fetched, support::Api};

/// What is known of a chat by events alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    pub seq: i64,
    pub cseq: i64,
    pub messages: BTreeMap<i64, Value>,
}

/// What was heard, and how.
#[derive(Default)]
pub struct Heard {
    pub chats: BTreeMap<String, Known>,
    /// Frames with events of types that this version does not know, as they came.
    pub foreign: Vec<String>,
    /// Connections that began anew, and those that went on from a token.
    pub identified: u32,
    pub resumed: u32,
    /// How often a server said that it goes away.
    pub sent_away: u32,
    /// How often a chat was fetched because events of it were missing or came out of order.
    pub mended: u32,
    /// What must not happen while nothing fails.
    pub wrong: Vec<String>,
    to_mend: BTreeSet<String>,
    place: Option<String>,
    received: u64,
}

pub struct Ear {
    heard: Arc<Mutex<Heard>>,
    enough: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

const PING: Duration = Duration::from_secs(10);

type Socket = WebSocket<TcpStream>;
type Broken = String;

impl Ear {
    /// Listens at the first of these doors, and at the next one whenever one is shut.
    pub fn open(doors: Vec<SocketAddr>, token: &str, chats: &[String]) -> Self {
        let (heard, enough) = (Arc::<Mutex<Heard>>::default(), Arc::<AtomicBool>::default());
        for chat in chats {
            let nothing = Known { seq: -1, cseq: -1, messages: BTreeMap::new() };
            lock(&heard).chats.insert(chat.clone(), nothing);
        }
        let (token, shared, ends) = (token.to_owned(), heard.clone(), enough.clone());
        let listening = Some(std::thread::spawn(move || follow(&doors, &token, &shared, &ends)));
        Self { heard, enough, listening }
    }

    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }

    /// Whether an event of this type came, of this chat.
    pub fn has_heard(&self, kind: &str, chat: &str) -> bool {
        let has = |frame: &String| frame.contains(&format!("\"{kind}\"")) && frame.contains(chat);
        self.heard().foreign.iter().any(has)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        let ended = self.listening.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.transpose().expect("who listens does not panic");
        }
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().expect("no other thread panicked")
}

fn follow(doors: &[SocketAddr], token: &str, heard: &Mutex<Heard>, enough: &AtomicBool) {
    for door in doors.iter().cycle() {
        if let Ok(mut socket) = greet(*door, token, heard) {
            listen(&mut socket, (*door, token), heard, enough);
        }
        if enough.load(Ordering::Relaxed) {
            return;
        }
        sleep(Duration::from_millis(30));
    }
}

/// Takes what comes until the socket ends, which it may only after the server has said so.
fn listen(socket: &mut Socket, door: (SocketAddr, &str), heard: &Mutex<Heard>, enough: &AtomicBool) {
    let (mut is_sent_away, mut pinged) = (false, Instant::now());
    while !enough.load(Ordering::Relaxed) {
        if pinged.elapsed() > PING {
            pinged = Instant::now();
            let ping = json!({"type": "ping", "received": lock(heard).received});
            // If it cannot be sent, reading says so.
            let _ = socket.send(Message::text(ping.to_string()));
        }
        match receive(socket) {
            Ok(Some(frame)) => is_sent_away |= take(&mut lock(heard), &frame),
            Ok(None) => {}
            Err(broken) => {
                if !is_sent_away {
                    lock(heard).wrong.push(format!("a socket broke: {broken}"));
                }
                return;
            }
        }
        mend(door, heard);
    }
}

/// Fetches what is missing. Where a server is about to end, the next one is asked.
fn mend((door, token): (SocketAddr, &str), heard: &Mutex<Heard>) {
    let missing = std::mem::take(&mut lock(heard).to_mend);
    for chat in missing {
        let now = Api::connect(door, token).map_err(words).and_then(|mut api| fetched(&mut api, &chat));
        let mut heard = lock(heard);
        match now {
            Ok(now) => {
                heard.mended += 1;
                heard.take_in(&chat, now);
            }
            Err(_) => drop(heard.to_mend.insert(chat)),
        }
    }
}

/// Opens a socket, and says who this is and from where to go on.
fn greet(door: SocketAddr, token: &str, heard: &Mutex<Heard>) -> Result<Socket, Broken> {
    let stream = TcpStream::connect(door).map_err(words)?;
    stream.set_read_timeout(Some(Duration::from_millis(300))).map_err(words)?;
    let request = format!("ws://{door}/v1/socket").into_client_request().map_err(words)?;
    let (mut socket, _) = client(request, stream).map_err(words)?;
    let (place, received, cursors) = {
        let heard = lock(heard);
        (heard.place.clone(), heard.received, cursors(&heard))
    };
    let frame = match place {
        Some(place) => json!({"type": "resume", "token": place, "received": received, "cursors": cursors}),
        None => {
            let mut api = Api::connect(door, token).map_err(words)?;
            let answer = api.call("POST", "/v1/socket-ticket", None).map_err(words)?;
            json!({"type": "identify", "ticket": answer.body["ticket"], "cursors": cursors})
        }
    };
    socket.send(Message::text(frame.to_string())).map_err(words)?;
    Ok(socket)
}

fn words(error: impl std::fmt::Display) -> Broken {
    error.to_string()
}

fn cursors(heard: &Heard) -> Value {
    let cursor =
        |(chat, known): (&String, &Known)| (chat.clone(), json!({"seq": known.seq, "cseq": known.cseq}));
    heard.chats.iter().map(cursor).collect::<serde_json::Map<_, _>>().into()
}

/// The next frame, if one comes soon.
fn receive(socket: &mut Socket) -> Result<Option<String>, Broken> {
    use tokio_tungstenite::tungstenite::Error;
    match socket.read() {
        Ok(Message::Text(text)) => Ok(Some(text.as_str().to_owned())),
        Ok(Message::Close(close)) => Err(format!("closed: {close:?}")),
        Ok(_) => Ok(None),
        Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(words(error)),
    }
}

/// Whether it says that the server goes away.
fn take(heard: &mut Heard, text: &str) -> bool {
    let frame: Value = serde_json::from_str(text).expect("frames are JSON");
    match frame["type"].as_str().expect("a frame has a type") {
        kind @ ("ready" | "resumed") => {
            heard.identified += u32::from(kind == "ready");
            heard.resumed += u32::from(kind == "resumed");
            (heard.place, heard.received) = (frame["resume_token"].as_str().map(str::to_owned), 0);
        }
        "event" => {
            heard.received += 1;
            heard.apply(&frame["event"], text);
        }
        "goaway" => {
            heard.sent_away += 1;
            return true;
        }
        // Those of its chats that are behind are fetched.
        "dirty" => {
            for (chat, head) in frame["chats"].as_object().expect("chats").clone() {
                let is_behind = |known: &Known| {
                    head["seq"].as_i64() > Some(known.seq) || head["cseq"].as_i64() > Some(known.cseq)
                };
                if heard.chats.get(&chat).is_some_and(is_behind) {
                    heard.to_mend.insert(chat);
                }
            }
        }
        // Whatever makes a client fetch everything again.
        kind @ ("resync" | "error") => heard.wrong.push(format!("{kind}: {text}")),
        _ => {}
    }
    false
}

const KNOWN: [&str; 8] = [
    "message_created",
    "message_edited",
    "message_deleted",
    "message_changed",
    "reacted",
    "member_changed",
    "read_marker_moved",
    "unknown_change",
];

impl Known {
    /// Of two versions of a message the newer one, in whatever order they come.
    pub fn hold(&mut self, seq: i64, message: Value) {
        let version = |message: &Value| message["cseq"].as_i64();
        if self.messages.get(&seq).is_none_or(|held| version(held) < version(&message)) {
            self.messages.insert(seq, message);
        }
    }
}

impl Heard {
    /// What is known otherwise than it is.
    pub fn differences(&self, now: &BTreeMap<String, Known>) -> Vec<String> {
        let mut found = Vec::new();
        for (chat, now) in now {
            let Some(known) = self.chats.get(chat) else { continue };
            if (known.seq, known.cseq) != (now.seq, now.cseq) {
                let (known, now) = ((known.seq, known.cseq), (now.seq, now.cseq));
                found.push(format!("{chat} is at {now:?}, and is known up to {known:?}"));
            }
            let is_other = |seq: &&i64| known.messages.get(seq) != now.messages.get(seq);
            let other = now.messages.keys().filter(is_other);
            found.extend(
                other.map(|seq| {
                    format!("{:?} is known as {:?}", now.messages.get(seq), known.messages.get(seq))
                }),
            );
        }
        found
    }

    /// What was fetched, and what came by events meanwhile: of a message the newer version.
    fn take_in(&mut self, chat: &str, now: Known) {
        let Some(known) = self.chats.get_mut(chat) else { return };
        (known.seq, known.cseq) = (known.seq.max(now.seq), known.cseq.max(now.cseq));
        for (seq, message) in now.messages {
            known.hold(seq, message);
        }
    }

    /// As PROTOCOL.md says: the number counts, whatever the type.
    fn apply(&mut self, event: &Value, text: &str) {
        let kind = event["type"].as_str().unwrap_or_default();
        if !KNOWN.contains(&kind) {
            self.foreign.push(text.to_owned());
        }
        let Some(chat) = event["chat"].as_str() else { return };
        let Some(known) = self.chats.get_mut(chat) else { return };
        let Some(counter) = event["n"].as_str() else { return };
        let number = event[counter].as_i64().expect("what is numbered has its number");
        let newest = if counter == "seq" { &mut known.seq } else { &mut known.cseq };
        if number <= *newest {
            return;
        }
        if number != *newest + 1 {
            self.to_mend.insert(chat.to_owned());
        }
        *newest = number;
        let message = &event["message"];
        if let Some(seq) = message["seq"].as_i64() {
            known.hold(seq, message.clone());
        }
    }
}
