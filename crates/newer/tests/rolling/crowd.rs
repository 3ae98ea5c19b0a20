//! People who write, read and listen while servers come and go.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    ear::{Ear, Known},
    ledger::{Ledger, Sent, fetch},
    support::Api,
};

const CHATS: usize = 3;
const PACE: Duration = Duration::from_millis(40);
/// How long somebody goes on trying while a server is restarted.
const PATIENCE: Duration = Duration::from_secs(20);

/// A few people in a few chats.
pub struct Crowd {
    pub chats: Vec<String>,
    pub ears: Vec<Ear>,
    tokens: Vec<String>,
    doors: Vec<SocketAddr>,
    ledger: Arc<Mutex<Ledger>>,
    enough: Arc<AtomicBool>,
    busy: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Makes the chats, and everybody begins: two writers and a reader for each chat, and an ear for each person at
    /// each door.
    pub fn begin(doors: &[SocketAddr], tokens: Vec<String>) -> Self {
        let mut api = Api::connect(doors[0], &tokens[0]).expect("a door");
        let others: Vec<Value> = tokens[1..]
            .iter()
            .map(|token| {
                crate::ledger::get(&mut Api::connect(doors[0], token).expect("a door"), "/v1/me")["id"]
                    .clone()
            })
            .collect();
        let chats: Vec<String> = (0..CHATS).map(|number| make(&mut api, number, &others)).collect();
        let mut crowd = Self {
            ears: Vec::new(),
            chats,
            tokens,
            doors: doors.to_vec(),
            ledger: Arc::default(),
            enough: Arc::default(),
            busy: Vec::new(),
        };
        crowd.listen();
        crowd.work();
        crowd
    }

    fn listen(&mut self) {
        for token in &self.tokens {
            for first in 0..self.doors.len() {
                let mut doors = self.doors.clone();
                doors.rotate_left(first);
                self.ears.push(Ear::open(doors, token, &self.chats));
            }
        }
        crate::eventually("everybody listens", || self.ears.iter().all(|ear| ear.heard().identified == 1));
    }

    fn work(&mut self) {
        for (number, chat) in self.chats.iter().enumerate() {
            for writer in 0..2 {
                let person = self.somebody(number + writer, 2 * number + writer, chat);
                self.busy.push(std::thread::spawn(move || person.write()));
            }
            let person = self.somebody(number, 2 * CHATS + number, chat);
            self.busy.push(std::thread::spawn(move || person.read()));
        }
    }

    fn somebody(&self, token: usize, who: usize, chat: &str) -> Somebody {
        Somebody {
            who,
            chat: chat.to_owned(),
            token: self.tokens[token % self.tokens.len()].clone(),
            doors: self.doors.clone(),
            door: who,
            api: None,
            ledger: self.ledger.clone(),
            enough: self.enough.clone(),
        }
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("no other thread panicked")
    }

    /// The first person's connection to a door.
    pub fn api(&self, door: SocketAddr) -> Api {
        Api::connect(door, &self.tokens[0]).expect("a door")
    }

    /// Nobody writes any more. Whoever listens goes on.
    pub fn rest(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        for busy in self.busy.drain(..) {
            busy.join().expect("nobody panics");
        }
    }

    /// All chats, fetched at a door.
    pub fn fetch(&self, door: SocketAddr) -> BTreeMap<String, Known> {
        let mut api = self.api(door);
        self.chats.iter().map(|chat| (chat.clone(), fetch(&mut api, chat))).collect()
    }

    /// Says what was done, and that it was enough to show something.
    pub fn was_busy(&self) {
        let ledger = self.ledger();
        let (sent, reads, broken) = (ledger.sent.len(), ledger.reads, ledger.broken);
        let mended = self.mended();
        println!(
            "{sent} messages, {reads} rounds of reading, {broken} connections broken by restarts, {mended} chats fetched anew"
        );
        assert!(sent > 300 && reads > 50, "the premise: there was a load");
    }

    /// How often somebody who listens had to fetch a chat.
    pub fn mended(&self) -> u32 {
        self.ears.iter().map(|ear| ear.heard().mended).sum()
    }

    /// Waits until what everybody heard is what a door says, and has it that nothing was wrong.
    pub fn judge(&self, door: SocketAddr) {
        let fresh = self.fetch(door);
        assert_eq!(self.ledger().differences(&fresh), Vec::<String>::new());
        for ear in &self.ears {
            let deadline = Instant::now() + PATIENCE;
            while ear.heard().chats != fresh && Instant::now() < deadline {
                sleep(PACE);
            }
            let heard = ear.heard();
            assert_eq!((&heard.wrong, heard.differences(&fresh)), (&Vec::new(), Vec::new()));
            drop(heard);
            assert_eq!(ear.heard().identified, 1, "it went on where it was, each time");
        }
    }
}

fn make(api: &mut Api, number: usize, others: &[Value]) -> String {
    let group = json!({"kind": "group", "name": format!("Crew {number}"), "members": others});
    let made = api.call("POST", "/v1/chats", Some(&group)).expect("answered").expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// Somebody at work in a chat.
struct Somebody {
    who: usize,
    chat: String,
    token: String,
    doors: Vec<SocketAddr>,
    door: usize,
    api: Option<Api>,
    ledger: Arc<Mutex<Ledger>>,
    enough: Arc<AtomicBool>,
}

impl Somebody {
    fn write(mut self) {
        let mut number = 0;
        while !self.enough.load(Ordering::Relaxed) {
            let client_id = format!("w{}-{number}", self.who);
            let text = format!("{number} of writer {}", self.who);
            let path = format!("/v1/chats/{}/messages", self.chat);
            let message = json!({"text": text, "client_id": client_id});
            let seq = self.ask("POST", &path, Some(&message), &[201])["seq"].as_i64().expect("a number");
            let sent = Sent { chat: self.chat.clone(), seq, client_id, writer: self.who };
            self.ledger().sent.push(sent);
            self.has_text(seq, text);
            if number % 5 == 0 {
                let text = format!("{number} of writer {}, edited", self.who);
                self.ask("PATCH", &format!("{path}/{seq}"), Some(&json!({"text": text})), &[200]);
                self.has_text(seq, text);
            }
            number += 1;
            sleep(PACE);
        }
    }

    fn read(mut self) {
        let chat = format!("/v1/chats/{}", self.chat);
        while !self.enough.load(Ordering::Relaxed) {
            for path in [
                "/v1/chats".to_owned(),
                format!("{chat}/messages"),
                format!("{chat}/changes?after=-1"),
                chat.clone(),
            ] {
                self.ask("GET", &path, None, &[200]);
            }
            self.ledger().reads += 1;
            sleep(2 * PACE);
        }
    }

    fn has_text(&self, seq: i64, text: String) {
        self.ledger().texts.insert((self.chat.clone(), seq), text);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("no other thread panicked")
    }

    /// Asks until it is answered as it should be. Anything else that is answered is noted; a connection that breaks or is
    /// refused is tried again, at the next door.
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>, wanted: &[u16]) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.attempt(method, path, body) {
                Ok((status, body)) if wanted.contains(&status) => return body,
                Ok((status, body)) => {
                    self.ledger().wrong.push(format!("{method} {path} by {}: {status} {body}", self.who));
                }
                Err(_) => {
                    self.ledger().broken += 1;
                    self.api = None;
                    self.door += 1;
                }
            }
            assert!(Instant::now() < deadline, "{method} {path} is not done");
            sleep(PACE);
        }
    }

    fn attempt(&mut self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<(u16, Value)> {
        if self.api.is_none() {
            self.api = Some(Api::connect(self.doors[self.door % self.doors.len()], &self.token)?);
        }
        let Some(api) = &mut self.api else { return Err(std::io::ErrorKind::NotConnected.into()) };
        let answer = api.call(method, path, body)?;
        Ok((answer.status, answer.body))
    }
}
