use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, RwLock};
use petit_ports::{Commit, CommitObserver, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    error::{is_full, store_error},
    heads::Heads,
    page_cache::PageCache,
};

/// The most that one transaction takes.
const GROUP: usize = 512;
/// How long a full disk is left alone before it is tried again.
const PROBE_AFTER: Duration = Duration::from_secs(5);

/// Answers whoever waits for a job, once it is known whether its transaction is durable.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Given nothing, it does nothing: its group has failed already.
type Job = Box<dyn FnOnce(Option<&mut Writing<'_>>) -> (rusqlite::Result<()>, Answer) + Send>;

enum Order {
    Job(Job),
    /// Runs between transactions, with the writer's own connection.
    Aside(Box<dyn FnOnce(&Connection) + Send>),
    Stop,
}

/// What a job may use.
pub(crate) struct Writing<'w> {
    pub connection: &'w Connection,
    pub heads: &'w mut Heads,
    pub commits: &'w mut Vec<Commit>,
}

/// What the writer shares with its callers.
#[derive(Default)]
pub(crate) struct Shared {
    pub observer: RwLock<Option<Arc<dyn CommitObserver>>>,
    pub pages: PageCache,
    pub groups: AtomicU64,
    pub jobs: AtomicU64,
}

/// The handle of the writing thread.
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection, shared: Arc<Shared>) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let run = move || Loop { connection, heads: Heads::default(), shared, full_since: None }.run(&inbox);
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(run)?;
        Ok(Self { orders, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `job` in the next transaction and answers when that is durable. An error of the engine undoes
    /// the whole group and everybody in it hears of it; repeating is harmless.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writing<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |writing| {
            let (outcome, value) = match writing.map(job) {
                Some(Ok(value)) => (Ok(()), Some(value)),
                Some(Err(error)) => (Err(error), None),
                None => (Ok(()), None),
            };
            let answer: Answer = Box::new(move |durable| {
                let value = durable.and_then(|()| value.ok_or(StoreError::Unavailable(None)));
                // Who hung up is not told; the entry stands all the same.
                let _ = sender.send(value);
            });
            (outcome, answer)
        });
        self.orders.send(Order::Job(job)).map_err(|_| StoreError::Unavailable(None))?;
        receiver.await.map_err(|_| StoreError::Unavailable(None))?
    }

    /// Runs something between transactions, such as a backup.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let order = Order::Aside(Box::new(move |connection| {
            let _ = sender.send(work(connection));
        }));
        self.orders.send(order).map_err(|_| StoreError::Unavailable(None))?;
        receiver.await.map_err(|_| StoreError::Unavailable(None))
    }

    /// Finishes what waits, puts everything into the main file and ends the thread.
    pub(crate) fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

struct Loop {
    connection: Connection,
    heads: Heads,
    shared: Arc<Shared>,
    full_since: Option<Instant>,
}

impl Loop {
    fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            let mut jobs = Vec::new();
            let mut next = Some(order);
            let after = loop {
                match next {
                    Some(Order::Job(job)) => jobs.push(job),
                    other => break other,
                }
                if jobs.len() == GROUP {
                    break None;
                }
                next = inbox.try_recv().ok();
            };
            self.commit(jobs);
            match after {
                Some(Order::Aside(work)) => work(&self.connection),
                Some(Order::Stop) => break,
                Some(Order::Job(_)) | None => {}
            }
        }
        // The log is replayed at the next start, should this fail.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    fn commit(&mut self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        self.shared.groups.fetch_add(1, Ordering::Relaxed);
        self.shared.jobs.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        let mut answers = Vec::with_capacity(jobs.len());
        let mut commits = Vec::new();
        let durable = self.transact(jobs, &mut answers, &mut commits);
        if let Err(error) = &durable {
            self.undo(error);
        } else {
            self.full_since = None;
            self.announce(commits);
        }
        let durable = durable.map_err(store_error);
        for answer in answers {
            answer(durable.as_ref().map(|()| ()).map_err(same));
        }
    }

    fn transact(
        &mut self,
        jobs: Vec<Job>,
        answers: &mut Vec<Answer>,
        commits: &mut Vec<Commit>,
    ) -> rusqlite::Result<()> {
        let mut outcome = self.begin();
        for job in jobs {
            let mut writing = Writing { connection: &self.connection, heads: &mut self.heads, commits };
            let (ran, answer) = job(outcome.is_ok().then_some(&mut writing));
            answers.push(answer);
            outcome = outcome.and(ran);
        }
        outcome?;
        self.heads.flush(&self.connection)?;
        self.connection.execute_batch("COMMIT")
    }

    /// Begins a transaction, unless the disk was full a moment ago.
    fn begin(&self) -> rusqlite::Result<()> {
        if self.full_since.is_some_and(|since| since.elapsed() < PROBE_AFTER) {
            let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
            return Err(rusqlite::Error::SqliteFailure(full, None));
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    fn undo(&mut self, error: &rusqlite::Error) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.heads.forget();
        let waiting = self.full_since.is_some_and(|since| since.elapsed() < PROBE_AFTER);
        if is_full(error) && !waiting {
            tracing::error!(%error, "the disk takes no more: writing stops until it does");
            self.full_since = Some(Instant::now());
        }
    }

    fn announce(&self, commits: Vec<Commit>) {
        self.shared.pages.committed(commits.iter().map(|commit| commit.chat));
        let observer = self.shared.observer.read();
        if let Some(observer) = observer.as_ref() {
            for commit in commits {
                observer.committed(commit);
            }
        }
    }
}

fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::ReadOnly => StoreError::ReadOnly,
        StoreError::Unavailable(_) => StoreError::Unavailable(None),
        StoreError::Inconsistent(what) => StoreError::Inconsistent(what.clone()),
    }
}
