//! Rounds: start, come back, compare, write, kill.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use petit_domain::{ChatId, Person};
use petit_testkit::ChatScreen;
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    dice::Dice,
    fetch::{self, parsed},
    ledger::{assert_sound, texts},
    steward::Steward,
    support::{Api, Server, wait::eventually},
    watcher::{Watcher, Way},
    writer::Writer,
};

const WRITERS: usize = 4;
/// Chats that are written to at a time.
const CHATS: usize = 3;
/// After so many rounds people go on in new chats, so that comparing everything stays short.
const GENERATION: u64 = 10;
/// In every so many rounds the steward is at work, too. Finishing what was left half done takes seconds.
const HOUSEKEEPING: u64 = 10;
/// The longest time to a kill, in microseconds.
const LONGEST_LIFE: usize = 60_000;
/// How long coming back may take: half-done work is finished by the server after five seconds.
const PATIENCE: Duration = Duration::from_secs(25);

pub struct World {
    program: PathBuf,
    place: TempDir,
    dice: Dice,
    writers: Vec<Writer>,
    steward: Steward,
    watchers: Vec<Watcher>,
    listener: String,
    people: Vec<petit_domain::UserId>,
    chats: Vec<ChatId>,
    past: Vec<ChatId>,
}

impl World {
    /// Makes the people.
    pub fn new(program: PathBuf, seed: u64) -> Self {
        eprintln!("PETIT_CRASH_SEED={seed}");
        let place = tempfile::tempdir().expect("a folder");
        let server = Server::start(&program, place.path(), &[]);
        let mut dice = Dice::new(seed);
        let mut people = Vec::new();
        let arrive = |name: &str| {
            let token = server.person(name);
            let person: Person = parsed(server.api(&token).get("/v1/me").expect("answered").expect(200));
            (person, token)
        };
        let (_, owner) = arrive("steward");
        let (guest, _) = arrive("guest");
        let (listening, listener) = arrive("listener");
        // The guest is in every new chat: a steward who lives for some milliseconds has somebody to put out.
        people.extend([listening.id, guest.id]);
        let mut writers = Vec::new();
        for number in 0..WRITERS {
            let name = format!("writer{number}");
            let (person, token) = arrive(&name);
            people.push(person.id);
            writers.push(Writer::new(&name, token, Dice::new(dice.roll())));
        }
        let steward = Steward { token: owner, guest: guest.id, dice: Dice::new(dice.roll()), counter: 0 };
        let watcher = |way| Watcher::new(way, listening.clone(), listener.clone());
        let watchers = vec![watcher(Way::Socket), watcher(Way::Stream)];
        assert_eq!(server.stop().code(), Some(0));
        let (chats, past) = (Vec::new(), Vec::new());
        Self { program, place, dice, writers, steward, watchers, listener, people, chats, past }
    }

    /// Lives through so many crashes, and looks at everything once more afterwards.
    pub fn suffer(&mut self, rounds: u64) {
        let begun = Instant::now();
        for round in 0..rounds {
            let server = self.wake(round.is_multiple_of(GENERATION));
            self.live(&server, round % HOUSEKEEPING == HOUSEKEEPING - 1 || round == 2);
            server.wait();
            self.watchers.iter_mut().for_each(Watcher::rest);
        }
        let server = self.wake(false);
        self.look_at_everything(&server);
        server.kill();
        self.watchers.iter_mut().for_each(Watcher::rest);
        self.report(rounds, begun.elapsed());
    }

    /// Starts the server; everybody comes back and finds what was so.
    fn wake(&mut self, to_new_chats: bool) -> Server {
        let server = Server::start(&self.program, self.place.path(), &[]);
        let before: Vec<u64> = self.watchers.iter().map(|watcher| watcher.tally().connections).collect();
        self.watchers.iter_mut().for_each(|watcher| watcher.listen(server.address));
        let is_back = |(watcher, before): (&Watcher, &u64)| watcher.tally().connections > *before;
        eventually("the watchers are back", PATIENCE, || self.watchers.iter().zip(&before).all(is_back));
        let mut api = server.api(&self.listener);
        self.compare(&mut api);
        if to_new_chats {
            self.move_on(&server);
            self.compare(&mut api);
        }
        self.mark_read(&mut api);
        server
    }

    /// People go on in new chats, of which the watchers hear by an event.
    fn move_on(&mut self, server: &Server) {
        self.past.append(&mut self.chats);
        self.chats = self.steward.open(&mut server.api(&self.steward.token), CHATS, &self.people);
        let heard = |watcher: &Watcher| watcher.tally().events.get("chat_added").copied().unwrap_or(0);
        let all = (self.past.len() + CHATS) as u64;
        eventually("the watchers hear of the new chats", PATIENCE, || {
            self.watchers.iter().all(|watcher| heard(watcher) >= all)
        });
        self.watchers.iter().for_each(|watcher| watcher.keep(&self.chats));
    }

    /// The watchers must come to know exactly what is so, and the log must hold what was promised.
    fn compare(&mut self, api: &mut Api) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let fresh = now(api, &self.chats);
            let differences: Vec<String> =
                self.watchers.iter().filter_map(|w| w.difference(&fresh)).collect();
            if differences.is_empty() {
                return self.settle(&fresh);
            }
            let ended = self.watchers.iter().any(Watcher::has_ended);
            assert!(
                Instant::now() < deadline && !ended,
                "old state + events is not the fresh state: {differences:#?}"
            );
            std::thread::yield_now();
        }
    }

    fn settle(&mut self, fresh: &BTreeMap<ChatId, ChatScreen>) {
        for (id, chat) in fresh {
            assert_sound(chat);
            self.writers.iter_mut().for_each(|writer| writer.ledger.settle(*id, chat));
        }
    }

    /// The listener reads one of the chats, which both watchers hear.
    fn mark_read(&mut self, api: &mut Api) {
        let chat = *self.dice.pick(&self.chats);
        let marked =
            api.call("PUT", &format!("/v1/chats/{chat}/read-marker"), Some(&json!({"seq": i64::MAX})));
        marked.expect("answered").expect(200);
        self.compare(api);
    }

    /// Everybody writes until the server is killed.
    fn live(&mut self, server: &Server, with_housekeeping: bool) {
        let (address, chats, moment) = (server.address, &self.chats, self.dice.micros(LONGEST_LIFE));
        std::thread::scope(|scope| {
            for writer in &mut self.writers {
                scope.spawn(move || writer.write(address, chats));
            }
            if with_housekeeping {
                let steward = &mut self.steward;
                scope.spawn(move || steward.keep_house(address, chats));
            }
            std::thread::sleep(moment);
            server.signal(Signal::KILL);
        });
    }

    /// After the last crash: nothing in doubt is left, and every chat there ever was holds what was said
    /// in it and nothing else.
    fn look_at_everything(&mut self, server: &Server) {
        for writer in &mut self.writers {
            let mut api = server.api(writer.token());
            writer.catch_up(&mut api);
        }
        let every: Vec<ChatId> = self.past.iter().chain(&self.chats).copied().collect();
        let fresh = now(&mut server.api(&self.listener), &every);
        self.settle(&fresh);
        for (id, chat) in &fresh {
            let promised: usize = self.writers.iter().map(|writer| writer.ledger.count(*id)).sum();
            assert_eq!(texts(chat), promised, "every message of {id} was answered once");
        }
    }

    fn report(&self, rounds: u64, time: Duration) {
        let every = || self.past.iter().chain(&self.chats);
        let count = |writer: &Writer| every().map(|chat| writer.ledger.count(*chat)).sum::<usize>();
        let messages: usize = self.writers.iter().map(count).sum();
        eprintln!(
            "{rounds} kills in {:.1} s, {messages} messages, none lost, none doubled",
            time.as_secs_f64()
        );
        for watcher in &self.watchers {
            eprintln!("{:?}", watcher.tally());
        }
    }

    /// Otherwise the laws were not put to the test.
    pub fn assert_that_every_kind_of_event_was_seen(&self) {
        for watcher in &self.watchers {
            let tally = watcher.tally();
            for kind in [
                "chat_added",
                "chat_renamed",
                "member_changed",
                "member_removed",
                "message_created",
                "message_deleted",
                "message_edited",
                "read_marker_moved",
            ] {
                assert!(tally.events.contains_key(kind), "no {kind} in {tally:?}");
            }
            // A socket knows its numbers. A stream knows when its last event was: it is asked to fetch.
            let by_replay = tally.resyncs < tally.connections / 2;
            assert!(watcher.way() == Way::Stream || by_replay, "connections go on by replay: {tally:?}");
        }
    }
}

fn now(api: &mut Api, chats: &[ChatId]) -> BTreeMap<ChatId, ChatScreen> {
    chats.iter().map(|id| (*id, fetch::chat(api, *id).expect("a calm server answers"))).collect()
}
