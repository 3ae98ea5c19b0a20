//! A client that keeps what it knows over every crash, and brings it forward by events.

mod socket;
mod stream;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    thread::JoinHandle,
};

use petit_domain::{ChatId, Event, Person, Settings};
use petit_testkit::{ChatScreen, Screen};
use serde_json::Value;

use crate::{
    fetch::{self, parsed},
    support::Api,
};

/// How a watcher listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Socket,
    Stream,
}

/// Somebody who only listens.
pub struct Watcher {
    way: Way,
    token: String,
    known: Arc<Mutex<Known>>,
    listening: Option<JoinHandle<io::Result<()>>>,
}

/// What survives a crash of the server: it is in the client.
struct Known {
    screen: Screen,
    /// Chats to fetch anew.
    stale: BTreeSet<ChatId>,
    /// Continues the connection: a resume token, or the id of the last event.
    place: Option<String>,
    /// Event frames since the token was given.
    received: u64,
    tally: Tally,
}

/// What happened in all rounds.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub events: BTreeMap<String, u64>,
    pub connections: u64,
    pub resyncs: u64,
}

impl Watcher {
    pub fn new(way: Way, me: Person, token: String) -> Self {
        let (settings, saved, chats) = (Settings::default(), BTreeMap::new(), BTreeMap::new());
        let screen = Screen { me, settings, saved, chats };
        let (stale, place, received) = (BTreeSet::new(), None, 0);
        let known = Known { screen, stale, place, received, tally: Tally::default() };
        Self { way, token, known: Arc::new(Mutex::new(known)), listening: None }
    }

    /// Connects, from where the last connection broke.
    pub fn listen(&mut self, address: SocketAddr) {
        let (way, token, known) = (self.way, self.token.clone(), self.known.clone());
        self.listening = Some(std::thread::spawn(move || match way {
            Way::Socket => socket::follow(address, &token, &known),
            Way::Stream => stream::follow(address, &token, &known),
        }));
    }

    /// Waits until the connection has broken. How it broke does not matter; a wrong frame does.
    pub fn rest(&mut self) {
        if let Some(listening) = self.listening.take() {
            drop(listening.join().unwrap_or_else(|_| panic!("the {:?} saw something wrong", self.way)));
        }
    }

    /// Whether it has stopped to listen by itself.
    pub fn has_ended(&self) -> bool {
        self.listening.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// What is different from how a chat is now; `None` if nothing is.
    pub fn difference(&self, fresh: &BTreeMap<ChatId, ChatScreen>) -> Option<String> {
        let known = lock(&self.known);
        let differs = fresh.iter().find(|(id, chat)| known.screen.chats.get(id) != Some(chat));
        differs.map(|(id, chat)| format!("{:?}: {}", self.way, explain(known.screen.chats.get(id), chat)))
    }

    /// Forgets all other chats, so that each round stays short.
    pub fn keep(&self, chats: &[ChatId]) {
        lock(&self.known).screen.chats.retain(|id, _| chats.contains(id));
    }

    pub fn way(&self) -> Way {
        self.way
    }

    pub fn tally(&self) -> Tally {
        lock(&self.known).tally.clone()
    }
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().expect("no other thread panicked")
}

fn explain(known: Option<&ChatScreen>, fresh: &ChatScreen) -> String {
    let Some(known) = known else { return format!("{} is not known", fresh.chat.id) };
    if known.chat != fresh.chat {
        return format!("known {:#?}\nfresh {:#?}", known.chat, fresh.chat);
    }
    if known.members != fresh.members {
        return format!("known {:#?}\nfresh {:#?}", known.members, fresh.members);
    }
    let messages = |screen: &ChatScreen| screen.messages.clone().unwrap_or_default();
    let (known, fresh) = (messages(known), messages(fresh));
    let differs = fresh.iter().find(|(seq, message)| known.get(seq) != Some(message));
    format!(
        "{} and {} messages, known {:?}, fresh {differs:?}",
        known.len(),
        fresh.len(),
        differs.map(|(seq, _)| known.get(seq))
    )
}

impl Known {
    fn connected(&mut self) {
        self.tally.connections += 1;
    }

    /// Takes an event, or a request to fetch anew.
    fn take(&mut self, event: &Value) {
        let kind = event["type"].as_str().expect("every event has a type").to_owned();
        *self.tally.events.entry(kind.clone()).or_default() += 1;
        if kind == "resync" {
            return self.go_stale(parsed::<Vec<ChatId>>(event["chats"].clone()));
        }
        self.screen.apply(&parsed::<Event>(event.clone()));
    }

    fn go_stale(&mut self, chats: Vec<ChatId>) {
        self.tally.resyncs += 1;
        match chats.is_empty() {
            true => self.stale.extend(self.screen.chats.keys()),
            false => self.stale.extend(chats.iter().filter(|chat| self.screen.chats.contains_key(chat))),
        }
    }

    fn unread(&self) -> Vec<ChatId> {
        let unread = self.screen.chats.iter().filter(|(_, chat)| chat.messages.is_none()).map(|(id, _)| *id);
        unread.chain(self.stale.iter().copied()).collect()
    }
}

/// Fetches what has to be fetched, if anything.
fn repair(known: &Mutex<Known>, api: &mut Api) -> io::Result<()> {
    let chats = lock(known).unread();
    for id in chats {
        let chat = fetch::chat(api, id)?;
        let mut known = lock(known);
        known.stale.remove(&id);
        known.screen.chats.insert(id, chat);
    }
    Ok(())
}

/// What no log numbers and no replay brings: added chats and read markers. Asked for after each connection.
fn reconcile(known: &Mutex<Known>, api: &mut Api) -> io::Result<()> {
    let me = lock(known).screen.me.id;
    for listed in fetch::chats(api)? {
        if let Some(chat) = lock(known).screen.chats.get_mut(&listed.id) {
            let (id, seq, counted) =
                (listed.id, listed.read_seq, listed.last_message.and_then(|it| it.counted));
            let (unread, mentions) = (listed.unread, listed.mentions);
            chat.apply(me, &Event::ReadMarkerMoved { chat: id, seq, unread, mentions, counted });
        }
    }
    repair(known, api)
}
