use std::collections::{HashMap, HashSet};

use petit_domain::{ChatId, ClientId, Head, Message, MessageId, Timestamp, UserId};
use petit_ports::{ChangeKind, ChangeRecord, Commit, CommitEntry, NewChange, NewMessage};
use uuid::Uuid;

use super::{Known, Limits, Request, Tail, Verdict, View, Wish};

/// An entry's content: what one request becomes.
#[derive(Clone, Debug)]
pub enum Written {
    /// A message, and the change that is numbered with it.
    Message(Message, Option<ChangeRecord>),
    /// A message as it is after an edit or deletion, as it was before, and the change's number. `is_near` if
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
    pub written: Written,
    /// The head right after it.
    pub head: Head,
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
        self.entries.iter().filter_map(|entry| match &entry.written {
            Written::Message(message, _) => Some(message),
            Written::Revision { .. } | Written::Change(_) => None,
        })
    }

    /// Whether the rows that were found are this plan's. One row is enough: it is written whole or not at all.
    pub(super) fn was_applied(&self, view: &View) -> bool {
        match self.entries.first().map(|entry| &entry.written) {
            Some(Written::Message(message, _)) => {
                view.messages.iter().any(|row| row.seq == message.seq && row.batch == Some(self.batch))
            }
            Some(Written::Revision { change, .. } | Written::Change(change)) => {
                view.changes.contains(&(change.cseq, self.batch))
            }
            None => false,
        }
    }
}

impl Entry {
    /// What is told to whoever announces it.
    pub fn commit(&self, chat: ChatId) -> Commit {
        let entry = match &self.written {
            Written::Message(message, change) => {
                CommitEntry::Message(message.clone(), change.as_ref().map(|change| change.kind))
            }
            Written::Revision { change, now, .. } => CommitEntry::Revision(change.kind, now.clone()),
            Written::Change(change) => CommitEntry::Change(change.kind),
        };
        Commit { chat, head: self.head, entry }
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
    pub(super) refuses_replies: bool,
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
            refuses_replies: false,
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
            Wish::Change(change) => self.change(request.id, change),
            Wish::Edit { seq, text, actor, at } => self.edit(request.id, *seq, text, *actor, *at),
            Wish::Delete { seq, actor, at } => self.delete(request.id, *seq, *actor, *at),
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
        if new.reply_to.is_some_and(|reply| reply < 0 || reply > self.now.head.seq) {
            self.refuses_replies = true;
            return self.verdicts.push((request.id, Verdict::NoSuchReply));
        }
        let at = new.at.max(Timestamp::from_micros(self.now.last_at.micros() + 1));
        let change = new.change.map(|kind| self.number(kind, new.author, at));
        let message = Message {
            id: MessageId::mint(at, new.random),
            chat: self.chat,
            seq: self.now.head.seq + 1,
            cseq: self.now.head.cseq,
            author: new.author,
            kind: new.kind,
            text: new.text.clone(),
            client_id: new.client_id.clone(),
            created_at: at,
            edited_at: None,
            deleted: false,
            reply_to: new.reply_to,
            subject: new.subject,
        };
        self.now.head.seq = message.seq;
        self.now.last_at = at;
        self.now.is_sealed = (message.seq + 1) % self.limits.bucket == 0;
        self.bytes += message.text.len();
        self.keys.insert((new.author, new.client_id.clone()));
        self.enter(request.id, Written::Message(message, change));
    }

    fn change(&mut self, request: u64, new: &NewChange) {
        let change = self.number(new.kind, new.actor, new.at);
        self.enter(request, Written::Change(change));
    }

    fn edit(&mut self, request: u64, seq: i64, text: &str, actor: UserId, at: Timestamp) {
        let Some(before) = self.rows.get(&seq).cloned() else {
            return self.verdicts.push((request, Verdict::NoSuchMessage));
        };
        if before.deleted {
            return self.verdicts.push((request, Verdict::Deleted));
        }
        if before.text == text {
            return self.verdicts.push((request, Verdict::AlreadySo(before)));
        }
        let now = Message { text: text.to_owned(), edited_at: Some(at), ..before.clone() };
        self.revise(request, ChangeKind::MessageEdited(seq), before, now, actor, at);
    }

    fn delete(&mut self, request: u64, seq: i64, actor: UserId, at: Timestamp) {
        let Some(before) = self.rows.get(&seq).cloned() else {
            return self.verdicts.push((request, Verdict::NoSuchMessage));
        };
        if before.deleted {
            return self.verdicts.push((request, Verdict::AlreadySo(before)));
        }
        let now = Message { text: String::new(), deleted: true, ..before.clone() };
        self.revise(request, ChangeKind::MessageDeleted(seq), before, now, actor, at);
    }

    fn revise(
        &mut self,
        request: u64,
        kind: ChangeKind,
        before: Message,
        mut now: Message,
        actor: UserId,
        at: Timestamp,
    ) {
        let change = self.number(kind, actor, at);
        now.cseq = change.cseq;
        self.bytes += now.text.len();
        self.revised.insert(now.seq);
        let is_near = now.seq / self.limits.bucket == self.now.bucket;
        self.enter(request, Written::Revision { change, now, before, is_near });
    }

    fn number(&mut self, kind: ChangeKind, actor: UserId, at: Timestamp) -> ChangeRecord {
        self.now.head.cseq += 1;
        ChangeRecord { cseq: self.now.head.cseq, kind, actor, at }
    }

    fn enter(&mut self, request: u64, written: Written) {
        self.entries.push(Entry { request, written, head: self.now.head });
    }
}
