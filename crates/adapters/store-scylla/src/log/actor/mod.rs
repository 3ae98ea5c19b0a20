//! The one who writes a chat: takes all that waits into one plan, sends it, and finds out what became of it.

mod merging;
mod sent;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::try_join_all;
use petit_domain::{ChatId, Head, Message, UserId};
use petit_ports::{Revision, Sets, StoreError, Why, Wish, Written};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};
use uuid::Uuid;

use merging::Merging;

use super::{
    after::{self, Consequences},
    index, pages,
    revised::Far,
    rows::{SEEN_CHANGES, SEEN_MESSAGES, statements},
    shared::{Job, Outcome, Shared},
    state::{open_after, serial},
};
use crate::{
    engine::Engine,
    error::store_error,
    memory::{PACE, Read},
    pins::rows::is_pinned,
    reactions::rows::summary,
    row::value,
    sequencer::{Core, Entry, Known, Limits, Names, Next, Plan, Request, SeenMessage, Step, View},
};

/// How long a sequencer without work keeps what it knows.
const IDLE: Duration = Duration::from_secs(60);
/// How often an open outcome is looked up while nothing else is to be done, and until when.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
const GIVE_UP: Duration = Duration::from_secs(30);
/// The longest pause after somebody else was quicker, or the engine was not there.
const PAUSE_US: u64 = 8_000;
/// How many changes are looked through at once.
const CHANGES_AT_ONCE: usize = 256;

type Answer = oneshot::Sender<Result<Outcome, StoreError>>;

struct Waiting {
    request: Request,
    until: Instant,
    answer: Answer,
}

pub(super) struct Actor {
    shared: Arc<Shared>,
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
    merging: Merging,
    /// The newest change before one of an older message that was numbered and could not be finished.
    unfinished: Option<i64>,
    _alive: Arc<()>,
}

impl Actor {
    pub(super) fn new(shared: Arc<Shared>, chat: ChatId, inbox: mpsc::UnboundedReceiver<Job>) -> Self {
        Self {
            engine: shared.engine.clone(),
            _alive: shared.alive.clone(),
            shared,
            chat,
            inbox,
            core: Core::new(chat, Limits::default()),
            waiting: VecDeque::new(),
            next_id: 0,
            fresh_below: 0,
            must_be_fresh: false,
            open_since: None,
            merging: Merging::default(),
            unfinished: None,
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
        let has_markers = self.engine.senders.has_waiting(self.chat);
        let patience = match self.core.is_unresolved() {
            true => LOOK_AGAIN,
            false if has_markers => PACE,
            false => IDLE,
        };
        match timeout(patience, self.inbox.recv()).await {
            Ok(Some(job)) => self.take(job),
            Ok(None) => {
                self.leave().await;
                return false;
            }
            Err(_) if self.core.is_unresolved() => self.core.lost(),
            Err(_) if has_markers => {}
            Err(_) => {
                self.leave().await;
                return !self.shared.retire(self.chat, &mut self.inbox);
            }
        }
        if self.open_since.is_some_and(|since| since.elapsed() > GIVE_UP) {
            self.forget();
        }
        true
    }

    /// Nothing that waits in memory is left behind.
    async fn leave(&self) {
        let markers = self.engine.senders.due(self.chat, Instant::now(), true);
        if let Err(error) = after::mark(&self.engine, self.chat, &markers).await {
            tracing::warn!(%error, chat.id = %self.chat, "senders' own markers of chat {} are behind", self.chat);
        }
    }

    fn take(&mut self, job: Job) {
        let request = Request { id: self.next_id, wish: job.wish, checked: None, sets: Sets::default() };
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
        let micros = 500 + self.shared.random.next_u64() % PAUSE_US;
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }

    fn forget(&mut self) {
        self.core = Core::new(self.chat, Limits::default());
        self.merging = Merging::default();
        self.open_since = None;
    }

    async fn turn(&mut self) -> Result<(), StoreError> {
        if self.core.has_to_look() {
            self.look().await?;
        }
        self.write_markers(self.engine.senders.due(self.chat, Instant::now(), false));
        self.write_index().await?;
        self.check_index().await?;
        let mut requests = self.requests();
        let messages = self.messages(&requests).await?;
        self.read_sets(&mut requests).await?;
        let is_fresh = requests.last().is_none_or(|request| request.id < self.fresh_below);
        let (next, verdicts) = self.core.next(&requests, &messages, is_fresh, self.batch());
        for (request, verdict) in verdicts {
            self.answer(request, Ok(verdict.into()));
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
        Uuid::from_u64_pair(self.shared.random.next_u64(), self.shared.random.next_u64())
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
                let refused = Written::Refused(Why::NoSuchChat);
                let _ = waiting.answer.send(Ok(Outcome::Written(Box::new(refused))));
            }
            return Ok(());
        };
        self.finish_older(&known).await?;
        let view = self.view(known).await?;
        // Whoever wrote them may have died before their senders' markers were raised.
        let newest = view.messages.iter().filter(|row| row.marks_read).map(own).collect();
        self.write_markers(self.engine.senders.sent(self.chat, newest, Instant::now()));
        self.fresh_below = self.next_id;
        if let Some(plan) = self.core.look(view) {
            self.finish(plan).await;
        }
        if !self.core.is_unresolved() {
            self.open_since = None;
        }
        Ok(())
    }

    /// Finishes changes of messages in older parts that somebody numbered and may not have finished: their versions are
    /// compared with what requests have seen. Whoever dies leaves at most their last plan behind.
    async fn finish_older(&mut self, known: &Known) -> Result<(), StoreError> {
        if known.bucket == 0 {
            return Ok(());
        }
        let last_plan = known.head.cseq - Limits::default().group as i64;
        let seen = self.core.seen().map_or(last_plan, |seen| seen.cseq);
        let mut after = self.unfinished.unwrap_or(seen).min(seen).max(-1);
        while after < known.head.cseq {
            let found = pages::changes_after(&self.engine, self.chat, after, CHANGES_AT_ONCE).await?;
            let Some(last) = found.last() else { break };
            after = last.cseq;
        }
        self.unfinished = None;
        Ok(())
    }

    /// The log with the rows that were not seen yet.
    async fn view(&self, mut known: Known) -> Result<View, StoreError> {
        let names = match self.core.known() {
            None => index::names(&self.engine, self.chat, &mut known).await?,
            Some(_) => Names::default(),
        };
        let unseen = Head { seq: known.sent, cseq: known.head.cseq };
        let seen = self.core.seen().unwrap_or(unseen);
        let first = self.core.known().map_or((known.sent + 1).max(0) / super::BUCKET, |known| known.bucket);
        let mut view = View { known, messages: Vec::new(), changes: Vec::new(), names };
        for bucket in first..=known.bucket {
            let (chat, engine) = (self.chat.uuid(), &self.engine);
            let messages = engine
                .rows::<(i64, Uuid, String, Option<Uuid>, Option<bool>)>(
                    &SEEN_MESSAGES,
                    (chat, bucket, seen.seq),
                )
                .await?;
            for (seq, author, client_id, batch, quiet) in messages {
                let author = UserId::from_uuid(author);
                view.messages.push(SeenMessage {
                    seq,
                    author,
                    client_id: value(client_id)?,
                    batch,
                    marks_read: quiet != Some(true),
                });
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

    /// The messages that requests want to change.
    async fn messages(&self, requests: &[Request]) -> Result<HashMap<i64, Message>, StoreError> {
        let targets = requests.iter().filter_map(|request| request.wish.target());
        let found = try_join_all(targets.map(|seq| pages::one(&self.engine, self.chat, seq))).await?;
        Ok(found.into_iter().flatten().map(|message| (message.seq, message)).collect())
    }

    /// What messages are to show of their sets. Read after the log was last looked at: of two plans the later
    /// one has read later, too.
    async fn read_sets(&self, requests: &mut [Request]) -> Result<(), StoreError> {
        for request in requests {
            match &request.wish {
                Wish::Revise { seq, revision: Revision::Reactions, .. } => {
                    request.sets.reactions = summary(&self.engine, (self.chat, *seq)).await?;
                }
                Wish::Revise { seq, revision: Revision::Pin, .. } => {
                    request.sets.pinned = is_pinned(&self.engine, self.chat, *seq).await?;
                }
                _ => {}
            }
        }
        Ok(())
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
                self.shared.counted.lost_sets.fetch_add(1, Ordering::Relaxed);
                self.core.lost();
                self.pause().await;
                Ok(())
            }
            Err(error) => {
                self.shared.counted.unknown.fetch_add(1, Ordering::Relaxed);
                self.core.unknown(plan);
                self.open_since.get_or_insert_with(Instant::now);
                Err(store_error(error))
            }
        }
    }

    /// The plan is durable: says so to whoever announces it, in order, then to those who wait.
    async fn finish(&mut self, plan: Plan) {
        self.shared.counted.groups.fetch_add(1, Ordering::Relaxed);
        self.shared.counted.entries.fetch_add(plan.entries.len() as u64, Ordering::Relaxed);
        if let Err(error) = self.finish_far(&plan.entries).await {
            tracing::warn!(%error, chat.id = %self.chat, "an old message of chat {} waits for its change", self.chat);
            // Nothing is planned before it has been finished.
            let before = plan.entries.iter().map(|entry| entry.head.cseq).min().unwrap_or_default() - 1;
            self.unfinished = Some(self.unfinished.map_or(before, |earlier| earlier.min(before)));
            self.core.lost();
        }
        if let Some(observer) = self.shared.observer.read().as_ref() {
            plan.entries.iter().for_each(|entry| observer.committed(entry.commit(self.chat)));
        }
        let answers: Vec<Option<Answer>> =
            plan.entries.iter().map(|entry| self.answer_of(entry.request)).collect();
        let consequences = Consequences::of(&self.engine, self.chat, &plan.entries);
        if consequences.is_empty() {
            return tell(plan.entries, answers);
        }
        let (engine, chat, alive) = (self.engine.clone(), self.chat, self._alive.clone());
        tokio::spawn(async move {
            consequences.write(&engine, chat).await;
            tell(plan.entries, answers);
            drop(alive);
        });
    }

    /// Changes of messages in older parts are numbered by now; who reads the number would finish them too.
    async fn finish_far(&self, entries: &[Entry]) -> Result<(), StoreError> {
        for entry in entries {
            if let Step::Revision { change, now, is_near: false, .. } = &entry.step {
                pages::finish(&self.engine, self.chat, &Far::of(change.kind, now)).await?;
            }
        }
        Ok(())
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

/// What a sender's own message says of their marker. How much counts up to it is found when it is asked for.
fn own(row: &SeenMessage) -> (UserId, Read) {
    (row.author, Read { seq: row.seq, uncounted: None })
}

fn tell(entries: Vec<Entry>, answers: Vec<Option<Answer>>) {
    for (entry, answer) in entries.into_iter().zip(answers) {
        if let Some(answer) = answer {
            let _ = answer.send(Ok(Outcome::Written(Box::new(entry.into_written()))));
        }
    }
}
