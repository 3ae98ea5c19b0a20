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

use crate::{
    connection::BUSY,
    error::{is_full, store_error},
    follower_desk::Desk,
    fullness::Fullness,
    heads::Heads,
    job::{Job, Writing, job},
    options::Options,
    page_cache::PageCache,
};

/// The most that one transaction takes.
const GROUP: usize = 512;

/// What the writer shares with its callers.
#[derive(Default)]
pub(crate) struct Shared {
    pub observer: RwLock<Option<Arc<dyn CommitObserver>>>,
    pub pages: PageCache,
    pub followers: Desk,
    pub groups: AtomicU64,
    pub jobs: AtomicU64,
}

enum Order {
    Run(Box<dyn Job>),
    Stop,
}

/// The handle of the writing thread.
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        shared: Arc<Shared>,
        options: &Options,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let fullness = Fullness::new(options.probe_after);
        let (tidy_after, tidy_at) = (options.tidy_after, None);
        let turns = Turns { connection, heads: Heads::default(), shared, fullness, tidy_after, tidy_at };
        let thread =
            std::thread::Builder::new().name("store-writer".into()).spawn(move || turns.run(&inbox))?;
        Ok(Self { orders, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` in the next transaction and answers when that is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Writing<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, outcome) = job(work);
        self.orders.send(Order::Run(job)).map_err(|_| StoreError::Unavailable(None))?;
        outcome.await.map_err(|_| StoreError::Unavailable(None))?
    }

    /// Finishes what waits, puts everything into the main file and ends the thread.
    pub(crate) fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

/// Why a transaction came to nothing.
enum Failure {
    /// One job's own fault: the others may try again.
    Job(rusqlite::Error),
    /// Nobody's: the engine takes nothing now.
    Engine(rusqlite::Error),
}

/// The writing thread: one transaction after the other, each with all that arrived during the one before.
struct Turns {
    connection: Connection,
    heads: Heads,
    shared: Arc<Shared>,
    fullness: Fullness,
    tidy_after: Duration,
    /// When the write-ahead log is to be emptied, if anything is in it.
    tidy_at: Option<Instant>,
}

impl Turns {
    fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Some(first) = self.next(inbox) {
            let mut group = vec![first];
            let mut is_last = false;
            while group.len() < GROUP && !is_last {
                match inbox.try_recv() {
                    Ok(Order::Run(job)) => group.push(job),
                    Ok(Order::Stop) => is_last = true,
                    Err(_) => break,
                }
            }
            self.commit(group);
            let tidy_at = *self.tidy_at.get_or_insert(Instant::now() + self.tidy_after);
            if is_last {
                break;
            }
            if tidy_at <= Instant::now() {
                self.tidy();
            }
        }
        // The log is replayed at the next start, should this fail.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// The next job; `None` at the end. Meanwhile the write-ahead log is emptied when it is time.
    fn next(&mut self, inbox: &mpsc::Receiver<Order>) -> Option<Box<dyn Job>> {
        loop {
            let order = match self.tidy_at {
                None => inbox.recv().ok()?,
                Some(at) => match inbox.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(order) => order,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        self.tidy();
                        continue;
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                },
            };
            return match order {
                Order::Run(job) => Some(job),
                Order::Stop => None,
            };
        }
    }

    /// Puts everything into the main file and cuts the write-ahead log off, unless somebody reads from it now: they
    /// are not waited for, since everybody who writes would wait too.
    fn tidy(&mut self) {
        let patience = |time| self.connection.busy_timeout(time);
        let emptied = patience(Duration::ZERO).and_then(|()| {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        });
        let _ = patience(BUSY);
        self.tidy_at = (!matches!(emptied, Ok(0))).then(|| Instant::now() + self.tidy_after);
    }

    fn commit(&mut self, mut group: Vec<Box<dyn Job>>) {
        match self.transact(&mut group) {
            Ok(commits) => {
                self.fullness.is_over();
                self.announce(commits);
                group.into_iter().for_each(|job| job.answer(Ok(())));
            }
            Err(failure) => {
                self.undo();
                self.fail(group, failure);
            }
        }
    }

    fn transact(&mut self, group: &mut [Box<dyn Job>]) -> Result<Vec<Commit>, Failure> {
        self.shared.groups.fetch_add(1, Ordering::Relaxed);
        self.shared.jobs.fetch_add(group.len() as u64, Ordering::Relaxed);
        self.fullness.check().map_err(Failure::Engine)?;
        self.execute("BEGIN IMMEDIATE").map_err(Failure::Engine)?;
        let mut commits = Vec::new();
        for job in group {
            let mut writing =
                Writing { connection: &self.connection, heads: &mut self.heads, commits: &mut commits };
            job.run(&mut writing).map_err(Failure::Job)?;
        }
        self.heads.flush(&self.connection).map_err(Failure::Engine)?;
        self.execute("COMMIT").map_err(Failure::Engine)?;
        Ok(commits)
    }

    fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(|_| ())
    }

    fn undo(&mut self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.heads.forget();
    }

    /// A job that cannot be done must not take its neighbours with it: each of them gets a turn of its own.
    fn fail(&mut self, group: Vec<Box<dyn Job>>, failure: Failure) {
        match failure {
            Failure::Job(error) if group.len() > 1 && !is_full(&error) => {
                group.into_iter().for_each(|job| self.commit(vec![job]));
            }
            Failure::Job(error) | Failure::Engine(error) => {
                if is_full(&error) {
                    self.fullness.begins(&error);
                }
                group.into_iter().for_each(|job| job.answer(Err(store_error(&error))));
            }
        }
    }

    fn announce(&self, commits: Vec<Commit>) {
        self.shared.pages.committed(&commits);
        let observer = self.shared.observer.read();
        for commit in commits {
            let (chat, head) = (commit.chat, commit.head);
            if let Some(observer) = observer.as_ref() {
                observer.committed(commit);
            }
            self.shared.followers.note(chat, head);
        }
    }
}
