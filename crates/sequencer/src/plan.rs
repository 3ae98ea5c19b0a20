use std::collections::{HashMap, HashSet};

use petit_domain::{ChangeKind, ChatId, ClientId, Head, Message, Timestamp, UserId};
use petit_ports::{
    ChangeRecord, Commit, CommitEntry, Effect, NewChange, NewMessage, Revision, Why, Wish, Written,
};
use uuid::Uuid;

use super::{Known, Limits, Request, Tail, Verdict, View};

/// An entry's content: what one request becomes.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "entries live for one plan, and most are messages")]
pub enum Step {
    /// A message, and the change that is numbered with it.
    Message(Message, Option<ChangeRecord>),
    /// A message as it is after a revision, as it was before, and the change's number. `is_near` if
    /// the message is in the same part of the log as the change.
    Revision { change: ChangeRecord, now: Message, before: Message, is_near: bool },
    /// A change alone.
    Change(ChangeRecord),
}

/// A numbered entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose wish it is.
    pub request: u64,
    /// What is written.
    pub step: Step,
    /// The head right after it.
    pub head: Head,
    /// For a new message: whether its author has read up to it.
    pub marks_read: bool,
}

/// A group of entries, written in one step if the head is still `before`.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Names the plan in its rows.
    pub batch: Uuid,
    /// The log it goes on from.
    pub before: Known,
    /// The log after it.
    pub after: Known,
    /// The entries in the order of their numbers.
    pub entries: Vec<Entry>,
}

impl Plan {
    /// The new messages.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.entries.iter().filter_map(|entry| match &entry.step {
            Step::Message(message, _) => Some(message),
            Step::Revision { .. } | Step::Change(_) => None,
        })
    }

    /// Whether the rows that were found are this plan's. One row is enough: it is written whole or not at all.
    pub(super) fn was_applied(&self, view: &View) -> bool {
        match self.entries.first().map(|entry| &entry.step) {
            Some(Step::Message(message, _)) => {
                view.messages.iter().any(|row| row.seq == message.seq && row.batch == Some(self.batch))
            }
            Some(Step::Revision { change, .. } | Step::Change(change)) => {
                view.changes.contains(&(change.cseq, self.batch))
            }
            None => false,
        }
    }
}

impl Entry {
    /// What is told to whoever announces it.
    pub fn commit(&self, chat: ChatId) -> Commit {
        let entry = match &self.step {
            Step::Message(message, change) => {
                CommitEntry::Message(message.clone(), change.as_ref().map(|change| change.kind))
            }
            Step::Revision { change, now, .. } => CommitEntry::Revision(change.kind, now.clone()),
            Step::Change(change) => CommitEntry::Change(change.kind),
        };
        Commit { chat, head: self.head, entry }
    }

    /// What whoever wished it is answered.
    pub fn into_written(self) -> Written {
        match self.step {
            Step::Message(message, _) => Written::New(message),
            Step::Revision { now, .. } => Written::Revised(now),
            Step::Change(record) => Written::Noted(record),
        }
    }
}

/// A plan in the making.
pub(super) struct Planning<'a> {
    chat: ChatId,
    before: Known,
    now: Known,
    limits: Limits,
    tail: &'a Tail,
    rows: &'a HashMap<i64, Message>,
    batch: Uuid,
    entries: Vec<Entry>,
    bytes: usize,
    keys: HashSet<(UserId, ClientId)>,
    revised: HashSet<i64>,
    verdicts: Vec<(u64, Verdict)>,
    /// Whether something is refused that a newer look at the log may allow.
    pub(super) is_doubtful: bool,
}

/// How a decision on a head stands to the head as it is.
enum Standing {
    Holds,
    Overtaken,
    /// What comes before it in this very plan may overtake it: the next plan knows.
    Open,
}

impl<'a> Planning<'a> {
    pub(super) fn new(
        chat: ChatId,
        known: Known,
        limits: Limits,
        tail: &'a Tail,
        rows: &'a HashMap<i64, Message>,
        batch: Uuid,
    ) -> Self {
        Self {
            chat,
            before: known,
            now: known,
            limits,
            tail,
            rows,
            batch,
            entries: Vec::new(),
            bytes: 0,
            keys: HashSet::new(),
            revised: HashSet::new(),
            verdicts: Vec::new(),
            is_doubtful: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.now.is_sealed || self.entries.len() >= self.limits.group || self.bytes >= self.limits.bytes
    }

    pub(super) fn take(&mut self, request: &Request) {
        if request.wish.target().is_some_and(|seq| self.revised.contains(&seq)) {
            // Two writes of one row in one step have no order: the second one waits for the next plan.
            return;
        }
        match &request.wish {
            Wish::Append(new) => self.append(request, new),
            Wish::Note(change) => self.note(request.id, change),
            Wish::Revise { seq, if_cseq, revision, actor, at } => {
                self.revise(request, (*seq, *if_cseq), revision, (*actor, *at));
            }
        }
    }

    pub(super) fn finish(self) -> (Option<Plan>, Vec<(u64, Verdict)>) {
        let plan = Plan { batch: self.batch, before: self.before, after: self.now, entries: self.entries };
        ((!plan.entries.is_empty()).then_some(plan), self.verdicts)
    }

    fn append(&mut self, request: &Request, new: &NewMessage) {
        if let Some(seq) = self.tail.find(new.author, &new.client_id) {
            return self.verdicts.push((request.id, Verdict::Repeated(seq)));
        }
        if self.tail.question(request.checked, new).is_some() {
            // It may be one of those below the mark: it waits until it was looked for there.
            return;
        }
        if self.keys.contains(&(new.author, new.client_id.clone())) {
            // Its first appearance is in this very plan: the next one finds it.
            return;
        }
        match self.standing(new.if_cseq) {
            Standing::Holds => {}
            Standing::Overtaken => return self.refuse(request.id, Why::Overtaken),
            Standing::Open => return,
        }
        match self.ruled_since(new.if_settings) {
            Standing::Holds => {}
            Standing::Overtaken => return self.refuse(request.id, Why::Overtaken),
            Standing::Open => return,
        }
        if new.reply_to.is_some_and(|reply| reply < 0 || reply > self.now.head.seq) {
            self.is_doubtful = true;
            return self.refuse(request.id, Why::NoSuchReply);
        }
        let message = new.numbered(self.chat, self.now.head, self.now.counted, self.now.last_at);
        let by = (new.author, message.created_at);
        let change = new.change.as_ref().map(|effect| self.number(effect, by));
        self.now.head.seq = message.seq;
        self.now.last_at = message.created_at;
        self.now.counted = message.counted.unwrap_or(self.now.counted);
        self.now.is_sealed = (message.seq + 1) % self.limits.bucket == 0;
        self.bytes += message.text.len();
        self.keys.insert((new.author, new.client_id.clone()));
        self.enter(request.id, Step::Message(message, change));
        if let Some(entry) = self.entries.last_mut() {
            entry.marks_read = new.marks_read;
        }
    }

    fn note(&mut self, request: u64, new: &NewChange) {
        match self.standing(new.if_cseq) {
            Standing::Holds => {
                let change = self.number(&new.effect, (new.actor, new.at));
                self.enter(request, Step::Change(change));
            }
            Standing::Overtaken => self.refuse(request, Why::Overtaken),
            Standing::Open => {}
        }
    }

    /// Change numbers only rise, so one that is below the known head was overtaken for certain.
    fn standing(&mut self, if_cseq: Option<i64>) -> Standing {
        match if_cseq {
            Some(seen) if seen != self.now.head.cseq && seen == self.before.head.cseq => Standing::Open,
            Some(seen) if seen != self.now.head.cseq => {
                self.is_doubtful |= seen > self.before.head.cseq;
                Standing::Overtaken
            }
            _ => Standing::Holds,
        }
    }

    /// How a message that was written under the settings of a change stands to the settings as they are.
    fn ruled_since(&self, if_settings: Option<i64>) -> Standing {
        match if_settings {
            Some(seen) if seen < self.before.ruled => Standing::Overtaken,
            Some(seen) if seen < self.now.ruled => Standing::Open,
            _ => Standing::Holds,
        }
    }

    fn revise(
        &mut self,
        Request { id: request, sets, .. }: &Request,
        (seq, if_cseq): (i64, Option<i64>),
        revision: &Revision,
        by: (UserId, Timestamp),
    ) {
        let Some(before) = self.rows.get(&seq) else {
            return self.refuse(*request, Why::NoSuchMessage);
        };
        let mut now = match revision.applied(before, sets, if_cseq, by.1) {
            Ok(now) => now,
            Err(answer) => return self.verdicts.push((*request, Verdict::Answer(answer))),
        };
        let by = (by.0, now.edited_at.unwrap_or(by.1).max(by.1));
        let change = self.number(&revision.of(seq).into(), by);
        now.cseq = change.cseq;
        self.bytes += now.text.len();
        self.revised.insert(seq);
        if now.deleted {
            self.now.deleted = self.now.deleted.max(seq);
        }
        let is_near = seq / self.limits.bucket == self.now.bucket;
        let before = before.clone();
        self.enter(*request, Step::Revision { change, now, before, is_near });
    }

    fn refuse(&mut self, request: u64, why: Why) {
        self.verdicts.push((request, Verdict::Answer(Written::Refused(why))));
    }

    fn number(&mut self, effect: &Effect, (actor, at): (UserId, Timestamp)) -> ChangeRecord {
        self.now.head.cseq += 1;
        if effect.kind == ChangeKind::ChatChanged {
            self.now.ruled = self.now.head.cseq;
        }
        ChangeRecord { cseq: self.now.head.cseq, kind: effect.kind, actor, at, body: effect.body.clone() }
    }

    fn enter(&mut self, request: u64, step: Step) {
        self.entries.push(Entry { request, step, head: self.now.head, marks_read: true });
    }
}
