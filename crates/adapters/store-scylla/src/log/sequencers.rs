use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use petit_domain::ChatId;
use petit_ports::{CommitObserver, Random, StoreError, Wish, Written};
use tokio::sync::{mpsc, oneshot};

use super::actor::Actor;
use crate::{engine::Engine, sequencer::Verdict};

/// How long a wish may wait. Whoever gets no answer repeats it, which is harmless.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What became of a wish. A message that was sent before is known by its number.
#[derive(Debug)]
pub(crate) enum Outcome {
    Written(Box<Written>),
    Repeated(i64),
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Repeated(seq) => Self::Repeated(seq),
            Verdict::Answer(written) => Self::Written(Box::new(written)),
        }
    }
}

pub(super) struct Job {
    pub(super) wish: Wish,
    pub(super) until: tokio::time::Instant,
    pub(super) answer: oneshot::Sender<Result<Outcome, StoreError>>,
}

/// What all sequencers of this process have done.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) groups: AtomicU64,
    pub(crate) entries: AtomicU64,
    pub(crate) lost_sets: AtomicU64,
    pub(crate) unknown: AtomicU64,
}

/// One sequencer for each chat that is written to.
pub(crate) struct Sequencers {
    pub(super) engine: Arc<Engine>,
    pub(super) random: Arc<dyn Random>,
    pub(super) observer: RwLock<Option<Arc<dyn CommitObserver>>>,
    pub(crate) counted: Counted,
    /// Held by everything that is at work.
    pub(super) alive: Arc<()>,
    inboxes: Mutex<HashMap<ChatId, mpsc::UnboundedSender<Job>>>,
}

impl Sequencers {
    pub(crate) fn new(engine: Arc<Engine>, random: Arc<dyn Random>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            random,
            observer: RwLock::default(),
            counted: Counted::default(),
            alive: Arc::default(),
            inboxes: Mutex::default(),
        })
    }

    pub(crate) fn observe(&self, observer: Arc<dyn CommitObserver>) {
        *self.observer.write() = Some(observer);
    }

    /// Has a wish written in its chat's turn.
    pub(super) async fn ask(self: &Arc<Self>, chat: ChatId, wish: Wish) -> Result<Outcome, StoreError> {
        let (answer, outcome) = oneshot::channel();
        let until = tokio::time::Instant::now() + PATIENCE;
        self.hand_over(chat, Job { wish, until, answer });
        outcome.await.map_err(|_| StoreError::Unavailable(None))?
    }

    /// Gives a job to the chat's actor; wakes one if none is awake.
    fn hand_over(self: &Arc<Self>, chat: ChatId, job: Job) {
        let mut inboxes = self.inboxes.lock();
        let job = match inboxes.get(&chat) {
            Some(inbox) => match inbox.send(job) {
                Ok(()) => return,
                Err(mpsc::error::SendError(job)) => job,
            },
            None => job,
        };
        let (sender, inbox) = mpsc::unbounded_channel();
        // The receiver is right here, so this cannot fail.
        let _ = sender.send(job);
        inboxes.insert(chat, sender);
        tokio::spawn(Actor::new(self.clone(), chat, inbox).run());
    }

    /// The actor goes to sleep, unless something has come for it meanwhile.
    pub(super) fn retire(&self, chat: ChatId, inbox: &mut mpsc::UnboundedReceiver<Job>) -> bool {
        let mut inboxes = self.inboxes.lock();
        if !inbox.is_empty() {
            return false;
        }
        inbox.close();
        inboxes.remove(&chat);
        true
    }

    /// Waits until what was handed over is done.
    pub(crate) async fn close(&self) {
        self.inboxes.lock().clear();
        let end = tokio::time::Instant::now() + PATIENCE;
        while Arc::strong_count(&self.alive) > 1 && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
