use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
};

use parking_lot::{Mutex, RwLock};
use petit_domain::ChatId;
use petit_ports::{CommitObserver, Random, StoreError, Wish, Written};
use tokio::sync::{mpsc, oneshot};

use crate::{engine::Engine, sequencer::Verdict};

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

/// What all sequencers of this process share.
pub(crate) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) random: Arc<dyn Random>,
    pub(super) observer: RwLock<Option<Arc<dyn CommitObserver>>>,
    pub(crate) counted: Counted,
    /// Held by everything that is at work.
    pub(super) alive: Arc<()>,
    pub(super) inboxes: Mutex<HashMap<ChatId, mpsc::UnboundedSender<Job>>>,
}

impl Shared {
    pub(super) fn new(engine: Arc<Engine>, random: Arc<dyn Random>) -> Self {
        Self {
            engine,
            random,
            observer: RwLock::default(),
            counted: Counted::default(),
            alive: Arc::default(),
            inboxes: Mutex::default(),
        }
    }

    /// A sequencer goes to sleep, unless something has come for it meanwhile.
    pub(super) fn retire(&self, chat: ChatId, inbox: &mut mpsc::UnboundedReceiver<Job>) -> bool {
        let mut inboxes = self.inboxes.lock();
        if !inbox.is_empty() {
            return false;
        }
        inbox.close();
        inboxes.remove(&chat);
        true
    }
}
