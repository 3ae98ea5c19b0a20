//! The sequencer against a made-up database: three nodes write one chat at once, answers are lost, writes take
//! effect late, nodes forget everything, people repeat themselves anywhere. What must hold: nothing that was
//! answered is lost, nothing is there twice, numbers have no gap, ids and times rise; what was decided on a head or on
//! a version of a message is written only if that is still the newest one.
//!
//! And the same with one of its guards taken away at a time, which must break it: a test of the test.

use std::collections::{BTreeMap, HashMap, HashSet};

use petit_domain::{ChatId, ClientId, Head, MessageKind, Parts, Timestamp, UserId};
use petit_ports::{ChangeKind, Effect, NewChange, NewMessage, Revision, Sets, Why, Wish, Written};
use petit_sequencer::{Core, Known, Limits, Names, Next, Plan, Request, SeenMessage, Step, Verdict, View};
use uuid::Uuid;

/// Messages in a pack of names, and in an era.
const PACK: i64 = 4;
const ERA: i64 = 16;

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutant {
    /// Nothing.
    None,
    /// Messages of others are not looked at after a set was lost.
    NoTail,
    /// A plan without an answer is sent again as a new one, without looking.
    BlindRetry,
    /// What only the index knows is not looked for.
    NoIndex,
    /// The mark rises over names that are not in the index.
    UnwrittenPack,
    /// Half of the names below the mark are not remembered.
    HalfRemembered,
    /// An era counts as merged when half of its names are.
    HalfMerged,
    /// Who has the hash of a name is taken for its owner.
    HashAsName,
    /// What a decision rests on is not looked at.
    NoVersions,
}

/// SplitMix64: the same game for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn chance(&mut self, hundredths: u64) -> bool {
        self.below(100) < hundredths
    }

    fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.below(u64::MAX), self.below(u64::MAX))
    }
}

/// What was written, as a database keeps it.
struct Database {
    known: Known,
    messages: BTreeMap<i64, petit_domain::Message>,
    batches: HashMap<(bool, i64), Uuid>,
    packs: BTreeMap<i64, Vec<u64>>,
    eras: BTreeMap<i64, Vec<(i64, u64)>>,
    merged: i64,
    /// Writes that were given up on and may still take effect.
    late: Vec<Plan>,
    broken: Vec<String>,
    /// Changes that were decided on a head, and revisions of a version.
    decided: usize,
    revised: usize,
}

impl Database {
    fn new() -> Self {
        let at = Timestamp::from_micros(1_000);
        let known = Known {
            head: Head::EMPTY,
            last_at: at,
            counted: 0,
            deleted: -1,
            ruled: -1,
            sent: -1,
            bucket: 0,
            is_sealed: false,
        };
        Self {
            known,
            messages: BTreeMap::new(),
            batches: HashMap::new(),
            packs: BTreeMap::new(),
            eras: BTreeMap::new(),
            merged: 0,
            late: Vec::new(),
            broken: Vec::new(),
            decided: 0,
            revised: 0,
        }
    }

    /// A conditional batch: all of it, if the head is the one it goes on from.
    fn apply(&mut self, plan: &Plan) -> bool {
        if plan.before.head != self.known.head || plan.before.bucket != self.known.bucket {
            return false;
        }
        for (place, entry) in plan.entries.iter().enumerate() {
            match &entry.step {
                Step::Message(message, change) => {
                    self.take(message, (place == 0).then_some(plan.batch));
                    if let Some(change) = change {
                        self.batches.insert((true, change.cseq), plan.batch);
                        self.decide(change);
                    }
                }
                Step::Change(change) => {
                    self.batches.insert((true, change.cseq), plan.batch);
                    self.decide(change);
                }
                Step::Revision { change, now, .. } => {
                    self.batches.insert((true, change.cseq), plan.batch);
                    self.revise(now);
                }
            }
        }
        self.known = plan.after;
        self.count();
        true
    }

    /// What is counted beside the head is what there is.
    fn count(&mut self) {
        let counted = self.messages.values().filter(|message| message.kind.counts()).count() as i64;
        let deleted = self.messages.values().rev().find(|message| message.deleted).map_or(-1, |it| it.seq);
        let newest = self.messages.values().next_back().map_or(0, |message| message.counted.unwrap_or(-1));
        let kept = (self.known.counted, newest, self.known.deleted);
        if kept != (counted, counted, deleted) {
            self.broken
                .push(format!("{kept:?} is not what {counted} messages and deletion {deleted} come to"));
        }
    }

    fn take(&mut self, message: &petit_domain::Message, batch: Option<Uuid>) {
        if let Some((last, before)) = self.messages.last_key_value() {
            if *last + 1 != message.seq {
                self.broken.push(format!("{} after {last}", message.seq));
            }
            if before.id >= message.id || before.created_at >= message.created_at {
                self.broken.push(format!("{} does not rise", message.seq));
            }
        }
        let same = |other: &petit_domain::Message| {
            (other.author, &other.client_id) == (message.author, &message.client_id)
        };
        if self.messages.values().any(same) {
            self.broken.push(format!("{:?} is there twice", message.client_id));
        }
        self.batches.extend(batch.map(|batch| ((false, message.seq), batch)));
        self.messages.insert(message.seq, message.clone());
    }

    /// Who wrote a change says in it which one they had seen: none may have come between.
    fn decide(&mut self, change: &petit_ports::ChangeRecord) {
        let seen = change.body.as_ref().and_then(|seen| seen.parse::<i64>().ok());
        if seen.is_some_and(|seen| seen + 1 != change.cseq) {
            self.broken.push(format!("change {} was decided on {seen:?}", change.cseq));
        }
        self.decided += usize::from(seen.is_some());
    }

    /// The text says which version its writer had seen.
    fn revise(&mut self, now: &petit_domain::Message) {
        let before = self.messages.insert(now.seq, now.clone()).map(|before| before.cseq);
        if !now.deleted && now.text.parse::<i64>().ok() != before {
            self.broken.push(format!("{} was revised from {before:?}, not from {}", now.seq, now.text));
        }
        self.revised += 1;
    }

    fn open(&mut self, full: &Known) {
        if self.known.is_sealed && self.known.bucket == full.bucket {
            self.known.bucket += 1;
            self.known.is_sealed = false;
        }
    }

    /// The names of these packs with the numbers of their messages.
    fn packed(&self, packs: std::ops::Range<i64>) -> Vec<(i64, u64)> {
        let named = |(number, names): (&i64, &Vec<u64>)| (number * PACK..).zip(names.clone());
        if packs.is_empty() { Vec::new() } else { self.packs.range(packs).flat_map(named).collect() }
    }

    fn view(&self, seen: Option<Head>) -> View {
        let names = match seen {
            None => Names {
                eras: self.merged,
                later: self.packed(self.merged * ERA / PACK..(self.known.sent + 1) / PACK),
            },
            Some(_) => Names::default(),
        };
        let seen = seen.unwrap_or(Head { seq: self.known.sent, cseq: self.known.head.cseq });
        let messages = self.messages.range(seen.seq + 1..).map(|(seq, message)| SeenMessage {
            seq: *seq,
            author: message.author,
            client_id: message.client_id.clone(),
            batch: self.batches.get(&(false, *seq)).copied(),
            marks_read: true,
        });
        let changes = (seen.cseq + 1..=self.known.head.cseq).map(|cseq| (cseq, self.batches[&(true, cseq)]));
        View { known: self.known, messages: messages.collect(), changes: changes.collect(), names }
    }
}

/// A node with its sequencer and those who wait for it.
struct Node {
    core: Core,
    waiting: Vec<Request>,
    is_fresh: bool,
}

/// Somebody's message, and whether it was answered.
struct Wanted {
    message: NewMessage,
    answered: Option<i64>,
}

struct Game {
    dice: Dice,
    mutant: Mutant,
    limits: Limits,
    chat: ChatId,
    database: Database,
    nodes: Vec<Node>,
    wanted: Vec<Wanted>,
    /// Which request is whose: requests are named by the node's own counter.
    asked: HashMap<u64, usize>,
    next: u64,
    changes: i64,
    merged: usize,
    collisions: usize,
    overtaken: usize,
}

impl Game {
    fn new(seed: u64, mutant: Mutant) -> Self {
        // In every second game hashes are so short that most names share theirs with others.
        let hash_bits = if seed & 1 == 0 { 64 } else { 3 };
        let limits = Limits { bucket: 16, group: 4, bytes: 10_000, pack: PACK, era: ERA, hash_bits };
        let mut dice = Dice(seed);
        let chat = ChatId::from_uuid(dice.uuid());
        let node = || Node { core: Core::new(chat, limits), waiting: Vec::new(), is_fresh: false };
        let nodes = (0..3).map(|_| node()).collect();
        Self {
            dice,
            mutant,
            limits,
            chat,
            database: Database::new(),
            nodes,
            wanted: Vec::new(),
            asked: HashMap::new(),
            next: 0,
            changes: 0,
            merged: 0,
            collisions: 0,
            overtaken: 0,
        }
    }

    /// Somebody writes something new, or asks again for something old, at any node.
    fn ask(&mut self) {
        let repeats = !self.wanted.is_empty() && self.dice.chance(45);
        let who = if repeats {
            self.dice.below(self.wanted.len() as u64) as usize
        } else {
            let message = self.message();
            self.wanted.push(Wanted { message, answered: None });
            self.wanted.len() - 1
        };
        let message = NewMessage { random: self.dice.below(u64::MAX), ..self.wanted[who].message.clone() };
        let node = self.dice.below(3) as usize;
        self.request(node, Wish::Append(message), Some(who));
        if self.dice.chance(10) {
            self.note(node);
        }
        if self.dice.chance(30) {
            self.revise();
        }
    }

    /// Somebody changes the chat, in half of the cases because of what they have seen, which may be old.
    fn note(&mut self, node: usize) {
        let actor = UserId::from_uuid(self.dice.uuid());
        let newest = self.database.known.head.cseq;
        let seen = self.dice.chance(50).then(|| newest - self.dice.below(2) as i64);
        let effect = Effect { kind: ChangeKind::ChatRenamed, body: seen.map(|seen| seen.to_string()) };
        let if_cseq = seen.filter(|_| self.mutant != Mutant::NoVersions);
        let change = NewChange { effect, actor, at: Timestamp::from_micros(1), if_cseq };
        self.request(node, Wish::Note(change), None);
        self.changes += 1;
    }

    /// Somebody revises what they have seen, at any node, or at two: the first one does not answer.
    fn revise(&mut self) {
        let count = self.database.messages.len() as u64;
        if count == 0 {
            return;
        }
        let seq = self.dice.below(count) as i64;
        let version = self.database.messages[&seq].cseq;
        let if_cseq = Some(version).filter(|_| self.mutant != Mutant::NoVersions);
        let actor = UserId::from_uuid(self.dice.uuid());
        let revision = match self.dice.chance(20) {
            true => Revision::Delete,
            false => Revision::Edit { text: version.to_string(), parts: Parts::default() },
        };
        let wish = Wish::Revise { seq, if_cseq, revision, actor, at: Timestamp::from_micros(1) };
        for _ in 0..=self.dice.below(2) {
            let node = self.dice.below(3) as usize;
            self.request(node, wish.clone(), None);
        }
    }

    fn message(&mut self) -> NewMessage {
        let author = UserId::from_uuid(Uuid::from_u128(u128::from(self.dice.below(3))));
        let client_id = ClientId::try_from(format!("m{}", self.wanted.len())).expect("an id");
        let at = Timestamp::from_micros(self.dice.below(3_000) as i64);
        let kind = if self.dice.chance(25) { MessageKind::MemberJoined } else { MessageKind::Text };
        NewMessage { kind, ..NewMessage::text(author, client_id, "x".into(), at, 0) }
    }

    fn request(&mut self, node: usize, wish: Wish, who: Option<usize>) {
        let id = self.next;
        self.next += 1;
        if let Some(who) = who {
            self.asked.insert(id, who);
        }
        self.nodes[node].waiting.push(Request { id, wish, checked: None, sets: Sets::default() });
        self.nodes[node].is_fresh = false;
    }

    fn answer(&mut self, request: u64, seq: i64) {
        let Some(who) = self.asked.remove(&request) else { return };
        let wanted = &mut self.wanted[who];
        match wanted.answered {
            Some(first) if first != seq => {
                let id = &wanted.message.client_id;
                self.database.broken.push(format!("{id:?} was answered {first} and {seq}"));
            }
            _ => wanted.answered = Some(seq),
        }
    }

    /// One step of one node, as its actor would do it.
    fn step(&mut self) {
        let place = self.dice.below(3) as usize;
        match self.dice.below(100) {
            0..4 => self.crash(place),
            4..10 => self.merge(place),
            10..30 => self.pack(place),
            30..40 => self.late_arrival(),
            _ => self.turn(place),
        }
    }

    /// Everything the node knew is gone, and so are those who waited: they will ask again.
    fn crash(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        node.core = Core::new(self.chat, self.limits);
        for request in node.waiting.drain(..) {
            self.asked.remove(&request.id);
        }
    }

    /// The node puts names into the index; sometimes it never hears that they are there.
    fn pack(&mut self, place: usize) {
        let Some(pack) = self.nodes[place].core.pack() else { return };
        if self.mutant != Mutant::UnwrittenPack {
            let before = self.database.packs.insert(pack.number, pack.names.clone());
            if before.is_some_and(|before| before != pack.names) {
                self.database.broken.push(format!("pack {} is not always the same", pack.number));
            }
        }
        if self.dice.chance(85) {
            self.nodes[place].core.packed(pack.number);
        }
    }

    /// The node merges an era; sometimes it stops half-way.
    fn merge(&mut self, place: usize) {
        let Some(era) = self.nodes[place].core.ripe_era() else { return };
        let mut names = self.database.packed(era * ERA / PACK..(era + 1) * ERA / PACK);
        let is_whole = self.dice.chance(70);
        if !is_whole || self.mutant == Mutant::HalfMerged {
            names.truncate(ERA as usize / 2);
        }
        self.database.eras.entry(era).or_default().extend(names);
        if is_whole {
            self.database.merged = self.database.merged.max(era + 1);
            self.nodes[place].core.merged(era);
            self.merged += 1;
        }
    }

    /// A write that everybody had given up takes effect after all, or never will.
    fn late_arrival(&mut self) {
        if !self.database.late.is_empty() {
            let which = self.dice.below(self.database.late.len() as u64) as usize;
            let plan = self.database.late.remove(which);
            if self.dice.chance(80) {
                self.database.apply(&plan);
            }
        }
    }

    fn turn(&mut self, place: usize) {
        if self.nodes[place].core.has_to_look() {
            self.look(place);
        }
        self.check_index(place);
        let batch = self.dice.uuid();
        let node = &self.nodes[place];
        let targets = node.waiting.iter().filter_map(|waiting| waiting.wish.target());
        let rows = targets.filter_map(|seq| Some((seq, self.database.messages.get(&seq)?.clone()))).collect();
        let (next, verdicts) = node.core.next(&node.waiting, &rows, node.is_fresh, batch);
        for (request, verdict) in verdicts {
            self.nodes[place].waiting.retain(|waiting| waiting.id != request);
            match verdict {
                Verdict::Repeated(seq) => self.answer(request, seq),
                Verdict::Answer(Written::Refused(Why::Overtaken)) => self.overtaken += 1,
                Verdict::Answer(_) => {}
            }
        }
        match next {
            Next::Look => self.nodes[place].core.lost(),
            Next::Open => {
                let full = *self.nodes[place].core.known().expect("it was planned on");
                self.database.open(&full);
                self.nodes[place].core.lost();
            }
            Next::Send(plan) => self.send(place, *plan),
            Next::Rest => {}
        }
    }

    fn look(&mut self, place: usize) {
        let mut view = self.database.view(self.nodes[place].core.seen());
        if self.mutant == Mutant::NoTail && self.nodes[place].core.known().is_some() {
            view.messages
                .retain(|row| self.nodes[place].core.known().is_some_and(|known| row.seq <= known.head.seq));
        }
        if self.mutant == Mutant::HalfRemembered {
            view.names.later.retain(|(seq, _)| seq & 1 == 0);
        }
        self.nodes[place].is_fresh = true;
        if let Some(plan) = self.nodes[place].core.look(view) {
            self.finish(place, plan);
        }
    }

    fn check_index(&mut self, place: usize) {
        let Node { core, waiting, .. } = &mut self.nodes[place];
        let mark = core.index_mark();
        let mut found = Vec::new();
        for request in waiting.iter_mut() {
            let Some(question) = core.question(request) else { continue };
            let Wish::Append(new) = &request.wish else { continue };
            let named = self.database.eras.values().flatten().filter(|(_, name)| *name == question.name);
            let merged = named.map(|(seq, _)| *seq).filter(|_| question.has_eras);
            let mut places = question.places.iter().copied().chain(merged);
            let is_same = |seq: &i64| {
                let there = &self.database.messages[seq];
                let is_same = (there.author, &there.client_id) == (new.author, &new.client_id);
                self.collisions += usize::from(!is_same);
                is_same || self.mutant == Mutant::HashAsName
            };
            match places.find(is_same).filter(|_| self.mutant != Mutant::NoIndex) {
                Some(seq) => found.push((request.id, seq)),
                None => request.checked = Some(mark),
            }
        }
        for (request, seq) in found {
            self.nodes[place].waiting.retain(|waiting| waiting.id != request);
            self.answer(request, seq);
        }
    }

    fn send(&mut self, place: usize, plan: Plan) {
        match self.dice.below(100) {
            // The answer is lost: it was applied, or is not yet, or never will be.
            0..15 => {
                if self.dice.chance(50) {
                    self.database.apply(&plan);
                } else {
                    self.database.late.push(plan.clone());
                }
                match self.mutant {
                    Mutant::BlindRetry => {
                        let mut again = plan;
                        again.batch = self.dice.uuid();
                        let known = self.database.known;
                        again = moved(again, known, self.limits);
                        if self.database.apply(&again) {
                            self.nodes[place].core = Core::new(self.chat, self.limits);
                            self.finish(place, again);
                        }
                    }
                    _ => self.nodes[place].core.unknown(plan),
                }
            }
            _ if self.database.apply(&plan) => {
                self.nodes[place].core.applied(&plan);
                self.finish(place, plan);
            }
            _ => self.nodes[place].core.lost(),
        }
    }

    fn finish(&mut self, place: usize, plan: Plan) {
        for entry in plan.entries {
            self.nodes[place].waiting.retain(|waiting| waiting.id != entry.request);
            if let Step::Message(message, _) = entry.step {
                self.answer(entry.request, message.seq);
            }
        }
    }

    /// What is broken at the end.
    fn verdict(mut self) -> (Vec<String>, Counts) {
        let numbers: Vec<i64> = self.database.messages.keys().copied().collect();
        if numbers != (0..numbers.len() as i64).collect::<Vec<_>>() {
            self.database.broken.push("numbers have a gap".into());
        }
        for wanted in &self.wanted {
            let Some(seq) = wanted.answered else { continue };
            let there = self.database.messages.get(&seq);
            if there.is_none_or(|there| there.client_id != wanted.message.client_id) {
                self.database
                    .broken
                    .push(format!("{:?} was answered {seq} and is lost", wanted.message.client_id));
            }
        }
        let ids: HashSet<_> = self.database.messages.values().map(|message| message.id).collect();
        if ids.len() != self.database.messages.len() {
            self.database.broken.push("ids repeat".into());
        }
        let Database { broken, decided, revised, .. } = self.database;
        (broken, [numbers.len(), self.merged, self.collisions, decided, revised, self.overtaken])
    }
}

/// The same messages at the end of the log as it is now: what somebody does who does not look.
fn moved(mut plan: Plan, known: Known, limits: Limits) -> Plan {
    let (difference, changes) =
        (known.head.seq - plan.before.head.seq, known.head.cseq - plan.before.head.cseq);
    let later = known.last_at.micros() - plan.before.last_at.micros();
    for entry in &mut plan.entries {
        match &mut entry.step {
            Step::Message(message, _) => {
                message.seq += difference;
                message.created_at = Timestamp::from_micros(message.created_at.micros() + later);
                message.id = petit_domain::MessageId::mint(message.created_at, 0);
            }
            Step::Change(change) | Step::Revision { change, .. } => change.cseq += changes,
        }
    }
    plan.before = known;
    plan.after.head.seq += difference;
    plan.after.head.cseq += changes;
    plan.after.bucket = known.bucket;
    plan.after.last_at = Timestamp::from_micros(plan.after.last_at.micros() + later);
    plan.after.is_sealed = (plan.after.head.seq + 1) % limits.bucket == 0;
    plan
}

/// Messages that were written, eras merged, names that shared a hash, changes decided on a head, revisions of a
/// version, and wishes that were overtaken.
type Counts = [usize; 6];

/// Plays games; what broke in which, and the counts of all together.
fn play(games: u64, mutant: Mutant) -> (Vec<(u64, String)>, Counts) {
    let (mut broken, mut counts) = (Vec::new(), [0; 6]);
    for seed in 0..games {
        let mut game = Game::new(seed, mutant);
        for _ in 0..240 {
            if game.dice.chance(30) {
                game.ask();
            }
            game.step();
        }
        let (wrong, counted) = game.verdict();
        counts = std::array::from_fn(|place| counts[place] + counted[place]);
        broken.extend(wrong.into_iter().next().map(|wrong| (seed, wrong)));
    }
    (broken, counts)
}

const GAMES: u64 = 3_000;
/// So many are enough to see that something is broken.
const BROKEN_GAMES: u64 = 300;

#[test]
fn nothing_is_lost_doubled_or_out_of_order_whatever_happens() {
    let (broken, [written, merged, collisions, decided, revised, overtaken]) = play(GAMES, Mutant::None);
    println!(
        "{GAMES} games, {written} messages, {merged} eras merged, {collisions} strangers with the same hash"
    );
    assert!(written > 50_000, "the premise: a lot was written, {written}");
    assert!(merged > 1_000, "the premise: eras were merged, {merged}");
    assert!(collisions > 1_000, "the premise: names shared hashes, {collisions}");
    let versions = [decided, revised, overtaken];
    assert!(
        versions.iter().all(|count| *count > 1_000),
        "the premise: versions were looked at, {versions:?}"
    );
    assert_eq!(broken, []);
}

fn must_break(mutant: Mutant) {
    let (broken, _) = play(BROKEN_GAMES, mutant);
    println!("{mutant:?}: {} of {BROKEN_GAMES} games broke, the first: {:?}", broken.len(), broken.first());
    assert!(!broken.is_empty(), "without this guard nothing broke, so the model does not test it");
}

#[test]
fn without_a_look_at_what_others_wrote_it_breaks() {
    must_break(Mutant::NoTail);
}

#[test]
fn with_a_blind_retry_it_breaks() {
    must_break(Mutant::BlindRetry);
}

#[test]
fn without_the_index_of_sent_messages_it_breaks() {
    must_break(Mutant::NoIndex);
}

#[test]
fn with_a_mark_above_what_is_in_the_index_it_breaks() {
    must_break(Mutant::UnwrittenPack);
}

#[test]
fn with_half_of_the_names_remembered_it_breaks() {
    must_break(Mutant::HalfRemembered);
}

#[test]
fn with_half_of_an_era_merged_it_breaks() {
    must_break(Mutant::HalfMerged);
}

#[test]
fn with_a_hash_taken_for_a_name_it_breaks() {
    must_break(Mutant::HashAsName);
}

#[test]
fn without_the_versions_that_decisions_rest_on_it_breaks() {
    must_break(Mutant::NoVersions);
}
