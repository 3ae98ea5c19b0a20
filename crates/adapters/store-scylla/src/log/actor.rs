//! The one who writes a chat: takes all that waits into one plan, sends it, and finds out what became of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::try_join_all;
use petit_domain::{ChatId, ClientId, Head, Message, UserId};
use petit_ports::StoreError;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};
use uuid::Uuid;

use super::{
    after::{self, Indexed},
    index, pages,
    rows::{Far, SEEN_CHANGES, SEEN_MESSAGES, statements},
    sequencers::{Job, Outcome, Sequencers},
    state::{open_after, serial},
};
use crate::{
    engine::Engine,
    error::store_error,
    row::value,
    sequencer::{Core, Entry, Known, Limits, Next, Plan, Request, SeenMessage, Verdict, View, Wish, Written},
};

/// How long a sequencer without work keeps what it knows.
const IDLE: Duration = Duration::from_secs(60);
/// How often an open outcome is looked up while nothing else is to be done, and until when.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
const GIVE_UP: Duration = Duration::from_secs(30);
/// What it costs to read the whole index, in questions: so many, and one more for so many messages.
const READING: i64 = 16;
const ROWS_PER_QUESTION: i64 = 256;
/// The longest pause after somebody else was quicker, or the engine was not there.
const PAUSE_US: u64 = 8_000;

type Answer = oneshot::Sender<Result<Outcome, StoreError>>;

struct Waiting {
    request: Request,
    until: Instant,
    answer: Answer,
}

pub(super) struct Actor {
    owner: Arc<Sequencers>,
    engine: Arc<Engine>,
    chat: ChatId,
    inbox: mpsc::UnboundedReceiver<Job>,
    core: Core,
    waiting: VecDeque<Waiting>,
    next_id: u64,
    /// Requests below this one had come when the log was last looked at.
    fresh_below: u64,
    must_be_fresh: bool,
    open_since: Option<Instant>,
    indexed: Arc<Indexed>,
    /// How often the index was asked.
    asked: i64,
    _alive: Arc<()>,
}

impl Actor {
    pub(super) fn new(owner: Arc<Sequencers>, chat: ChatId, inbox: mpsc::UnboundedReceiver<Job>) -> Self {
        Self {
            engine: owner.engine.clone(),
            _alive: owner.alive.clone(),
            owner,
            chat,
            inbox,
            core: Core::new(chat, Limits::default()),
            waiting: VecDeque::new(),
            next_id: 0,
            fresh_below: 0,
            must_be_fresh: false,
            open_since: None,
            indexed: Arc::default(),
            asked: 0,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            if self.waiting.is_empty() && !self.rest().await {
                return;
            }
            while let Ok(job) = self.inbox.try_recv() {
                self.take(job);
            }
            self.expire();
            if let Err(error) = self.turn().await {
                tracing::debug!(%error, chat.id = %self.chat, "chat {} cannot be written now", self.chat);
                if self.engine.is_away() {
                    self.refuse();
                }
                self.pause().await;
            }
        }
    }

    /// Waits for work. Whether there is a reason to go on.
    async fn rest(&mut self) -> bool {
        let patience = if self.core.is_unresolved() { LOOK_AGAIN } else { IDLE };
        match timeout(patience, self.inbox.recv()).await {
            Ok(Some(job)) => self.take(job),
            Ok(None) => return false,
            Err(_) if self.core.is_unresolved() => self.core.lost(),
            Err(_) => return !self.owner.retire(self.chat, &mut self.inbox),
        }
        if self.open_since.is_some_and(|since| since.elapsed() > GIVE_UP) {
            self.forget();
        }
        true
    }

    fn take(&mut self, job: Job) {
        let request = Request { id: self.next_id, wish: job.wish, checked: None };
        self.next_id += 1;
        self.waiting.push_back(Waiting { request, until: job.until, answer: job.answer });
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while self.waiting.front().is_some_and(|waiting| waiting.until <= now) {
            if let Some(late) = self.waiting.pop_front() {
                let _ = late.answer.send(Err(StoreError::Unavailable(None)));
            }
        }
    }

    /// Nobody waits for an engine that is away. What becomes of plans under way is still looked up.
    fn refuse(&mut self) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.answer.send(Err(StoreError::Unavailable(None)));
        }
    }

    async fn pause(&self) {
        let micros = 500 + self.owner.random.next_u64() % PAUSE_US;
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }

    fn forget(&mut self) {
        self.core = Core::new(self.chat, Limits::default());
        self.indexed = Arc::default();
        self.asked = 0;
        self.open_since = None;
    }

    async fn turn(&mut self) -> Result<(), StoreError> {
        for (first, is_written) in self.indexed.take() {
            self.core.indexed(first, is_written);
        }
        if self.core.is_index_broken() && !self.core.is_unresolved() {
            // The index has a hole above its mark: a fresh look at the log fills it.
            self.forget();
        }
        if self.core.has_to_look() {
            self.look().await?;
        }
        self.check_index().await?;
        let requests = self.requests();
        let messages = self.messages(&requests).await?;
        let is_fresh = requests.last().is_none_or(|request| request.id < self.fresh_below);
        let (next, verdicts) = self.core.next(&requests, &messages, is_fresh, self.batch());
        for (request, verdict) in verdicts {
            self.answer(request, Ok(Outcome::Verdict(verdict)));
        }
        match next {
            Next::Look => {
                self.must_be_fresh = true;
                self.core.lost();
                Ok(())
            }
            Next::Open => self.open().await,
            Next::Send(plan) => self.send(*plan).await,
            Next::Rest => {
                self.must_be_fresh = false;
                Ok(())
            }
        }
    }

    fn batch(&self) -> Uuid {
        Uuid::from_u64_pair(self.owner.random.next_u64(), self.owner.random.next_u64())
    }

    /// The first requests, as many as a plan may take. A copy: the originals wait for their answers.
    fn requests(&self) -> Vec<Request> {
        let most = Limits::default().group;
        let may = |waiting: &&Waiting| !self.must_be_fresh || waiting.request.id < self.fresh_below;
        self.waiting.iter().take_while(may).take(most).map(|waiting| waiting.request.clone()).collect()
    }

    async fn open(&mut self) -> Result<(), StoreError> {
        if let Some(full) = self.core.known().copied() {
            open_after(&self.engine, self.chat, &full).await?;
        }
        self.core.lost();
        Ok(())
    }

    /// Looks at the log as it is now.
    async fn look(&mut self) -> Result<(), StoreError> {
        let Some(known) = serial(&self.engine, self.chat).await? else {
            for waiting in self.waiting.drain(..) {
                let _ = waiting.answer.send(Ok(Outcome::NoSuchChat));
            }
            return Ok(());
        };
        let view = self.view(known).await?;
        // Whoever wrote them may have died before they were in the index.
        let found: Vec<_> =
            view.messages.iter().map(|row| (row.author, row.client_id.clone(), row.seq)).collect();
        index::put(&self.engine, self.chat, &found).await?;
        self.fresh_below = self.next_id;
        if let Some(plan) = self.core.look(view) {
            self.finish(plan).await;
        }
        if !self.core.is_unresolved() {
            self.open_since = None;
        }
        Ok(())
    }

    /// The log with the rows that were not seen yet.
    async fn view(&self, known: Known) -> Result<View, StoreError> {
        let unseen = Head { seq: known.sent, cseq: known.head.cseq };
        let seen = self.core.seen().unwrap_or(unseen);
        let first = self.core.known().map_or((known.sent + 1).max(0) / super::BUCKET, |known| known.bucket);
        let mut view = View { known, messages: Vec::new(), changes: Vec::new() };
        for bucket in first..=known.bucket {
            let (chat, engine) = (self.chat.uuid(), &self.engine);
            let messages =
                engine.rows::<(i64, Uuid, String, Uuid)>(&SEEN_MESSAGES, (chat, bucket, seen.seq)).await?;
            for (seq, author, client_id, batch) in messages {
                let author = UserId::from_uuid(author);
                view.messages.push(SeenMessage { seq, author, client_id: value(client_id)?, batch });
            }
            if seen.cseq < known.head.cseq {
                view.changes
                    .extend(engine.rows::<(i64, Uuid)>(&SEEN_CHANGES, (chat, bucket, seen.cseq)).await?);
            }
        }
        // Rows that came after the head was read belong to the next look.
        view.messages.retain(|row| row.seq <= known.head.seq);
        view.changes.retain(|(cseq, _)| *cseq <= known.head.cseq);
        Ok(view)
    }

    /// Looks in the index for what is not remembered. Found: it was sent before.
    async fn check_index(&mut self) -> Result<(), StoreError> {
        let mark = self.core.index_mark();
        let looks = self.open_names();
        if looks.is_empty() {
            return Ok(());
        }
        let mut names: Vec<_> = looks.iter().map(|(_, (_, name))| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let found = index::find(&self.engine, self.chat, &names, mark).await?;
        for (id, sent) in looks {
            match found.get(&sent) {
                Some(seq) => self.answer(id, Ok(Outcome::Verdict(Verdict::Repeated(*seq)))),
                None => {
                    if let Some(waiting) = self.waiting.iter_mut().find(|w| w.request.id == id) {
                        waiting.request.checked = Some(mark);
                    }
                }
            }
        }
        self.asked += 1;
        self.recall(mark).await
    }

    /// The first requests that only the index can say something about, and what their senders call them.
    fn open_names(&self) -> Vec<(u64, (UserId, ClientId))> {
        let first = self.waiting.iter().take(Limits::default().group);
        let open = first.filter(|waiting| self.core.has_to_ask(&waiting.request));
        let named = open.filter_map(|waiting| match &waiting.request.wish {
            Wish::Append(new) => Some((waiting.request.id, (new.author, new.client_id.clone()))),
            _ => None,
        });
        named.collect()
    }

    /// Reads the whole index once, when so much was asked of it that this costs less than to go on.
    async fn recall(&mut self, mark: i64) -> Result<(), StoreError> {
        if self.core.could_recall() && self.asked >= READING + mark / ROWS_PER_QUESTION {
            let names = index::all(&self.engine, self.chat, mark).await?;
            self.core.recall(&names);
        }
        Ok(())
    }

    /// The messages that requests want to change.
    async fn messages(&self, requests: &[Request]) -> Result<HashMap<i64, Message>, StoreError> {
        let targets = requests.iter().filter_map(|request| request.wish.target());
        let found = try_join_all(targets.map(|seq| pages::one(&self.engine, self.chat, seq))).await?;
        Ok(found.into_iter().flatten().map(|message| (message.seq, message)).collect())
    }

    async fn send(&mut self, plan: Plan) -> Result<(), StoreError> {
        after::put_aside(&self.engine, self.chat, &plan.entries).await?;
        match self.engine.batch(statements(self.chat, &plan)).await {
            Ok(true) => {
                self.core.applied(&plan);
                self.open_since = None;
                self.finish(plan).await;
                Ok(())
            }
            Ok(false) => {
                self.owner.counted.lost_sets.fetch_add(1, Ordering::Relaxed);
                self.core.lost();
                self.pause().await;
                Ok(())
            }
            Err(error) => {
                self.owner.counted.unknown.fetch_add(1, Ordering::Relaxed);
                self.core.unknown(plan);
                self.open_since.get_or_insert_with(Instant::now);
                Err(store_error(error))
            }
        }
    }

    /// The plan is durable: says so to whoever announces it, in order, then to those who wait.
    async fn finish(&mut self, plan: Plan) {
        self.owner.counted.groups.fetch_add(1, Ordering::Relaxed);
        self.owner.counted.entries.fetch_add(plan.entries.len() as u64, Ordering::Relaxed);
        self.finish_far(&plan.entries).await;
        if let Some(observer) = self.owner.observer.read().as_ref() {
            plan.entries.iter().for_each(|entry| observer.committed(entry.commit(self.chat)));
        }
        let answers: Vec<Option<Answer>> =
            plan.entries.iter().map(|entry| self.answer_of(entry.request)).collect();
        let (engine, chat, indexed) = (self.engine.clone(), self.chat, self.indexed.clone());
        let alive = self._alive.clone();
        tokio::spawn(async move {
            after::record(&engine, chat, &plan.entries, &indexed).await;
            for (entry, answer) in plan.entries.into_iter().zip(answers) {
                if let Some(answer) = answer {
                    let _ = answer.send(Ok(Outcome::Written(Box::new(entry.written))));
                }
            }
            drop(alive);
        });
    }

    /// Changes of messages in older parts are numbered by now; who reads the number would finish them too.
    async fn finish_far(&self, entries: &[Entry]) {
        for entry in entries {
            if let Written::Revision { change, now, is_near: false, .. } = &entry.written {
                let far = Far {
                    seq: now.seq,
                    cseq: change.cseq,
                    text: now.text.clone(),
                    edited_at: now.edited_at,
                    deleted: now.deleted,
                };
                if let Err(error) = pages::finish(&self.engine, self.chat, &far).await {
                    tracing::warn!(%error, chat.id = %self.chat, "an old message of chat {} waits for its change", self.chat);
                }
            }
        }
    }

    fn answer_of(&mut self, request: u64) -> Option<Answer> {
        let place = self.waiting.iter().position(|waiting| waiting.request.id == request)?;
        self.waiting.remove(place).map(|waiting| waiting.answer)
    }

    fn answer(&mut self, request: u64, outcome: Result<Outcome, StoreError>) {
        if let Some(answer) = self.answer_of(request) {
            let _ = answer.send(outcome);
        }
    }
}
