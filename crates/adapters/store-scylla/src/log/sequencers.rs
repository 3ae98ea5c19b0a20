use std::{sync::Arc, time::Duration};

use petit_domain::ChatId;
use petit_ports::{CommitObserver, Random, StoreError, Wish};
use tokio::sync::{mpsc, oneshot};

use super::{
    actor::Actor,
    shared::{Counted, Job, Outcome, Shared},
};
use crate::engine::Engine;

/// How long a wish may wait. Whoever gets no answer repeats it, which is harmless.
const PATIENCE: Duration = Duration::from_secs(5);

/// One sequencer for each chat that is written to.
pub(crate) struct Sequencers(Arc<Shared>);

impl Sequencers {
    pub(crate) fn new(engine: Arc<Engine>, random: Arc<dyn Random>) -> Arc<Self> {
        Arc::new(Self(Arc::new(Shared::new(engine, random))))
    }

    pub(crate) fn observe(&self, observer: Arc<dyn CommitObserver>) {
        *self.0.observer.write() = Some(observer);
    }

    pub(crate) fn counted(&self) -> &Counted {
        &self.0.counted
    }

    /// Has a wish written in its chat's turn.
    pub(super) async fn ask(&self, chat: ChatId, wish: Wish) -> Result<Outcome, StoreError> {
        let (answer, outcome) = oneshot::channel();
        let until = tokio::time::Instant::now() + PATIENCE;
        self.hand_over(chat, Job { wish, until, answer });
        outcome.await.map_err(|_| StoreError::Unavailable(None))?
    }

    /// Gives a job to the chat's actor; wakes one if none is awake.
    fn hand_over(&self, chat: ChatId, job: Job) {
        let mut inboxes = self.0.inboxes.lock();
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
        tokio::spawn(Actor::new(self.0.clone(), chat, inbox).run());
    }

    /// Waits until what was handed over is done.
    pub(crate) async fn close(&self) {
        self.0.inboxes.lock().clear();
        let end = tokio::time::Instant::now() + PATIENCE;
        while Arc::strong_count(&self.0.alive) > 1 && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
