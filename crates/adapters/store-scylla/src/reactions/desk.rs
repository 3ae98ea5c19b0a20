//! Where those wait who change one set at once: one of them works for all, so that a storm is few batches.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use petit_ports::{Random, Reacted, StoreError};
use tokio::sync::oneshot;

use super::{
    group::{Decided, Toggle, decide, first_of},
    rows::{self, Place, State},
};
use crate::{engine::Engine, error::store_error};

/// How many go together.
const GROUP: usize = 48;
/// How often a group is tried against other processes before it counts as unavailable.
const TRIES: u32 = 40;
/// The longest pause after somebody else was quicker.
const PAUSE_US: u64 = 8_000;

struct Waiting {
    toggle: Toggle,
    answer: oneshot::Sender<Result<Reacted, StoreError>>,
}

/// Who waits for which set.
pub(crate) struct Desk {
    engine: Arc<Engine>,
    random: Arc<dyn Random>,
    queues: Mutex<HashMap<Place, VecDeque<Waiting>>>,
}

impl Desk {
    pub(crate) fn new(engine: Arc<Engine>, random: Arc<dyn Random>) -> Arc<Self> {
        Arc::new(Self { engine, random, queues: Mutex::default() })
    }

    pub(super) async fn ask(self: &Arc<Self>, place: Place, toggle: Toggle) -> Result<Reacted, StoreError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { toggle, answer };
        let is_first = {
            let mut queues = self.queues.lock();
            let is_first = !queues.contains_key(&place);
            queues.entry(place).or_default().push_back(waiting);
            is_first
        };
        if is_first {
            tokio::spawn(self.clone().work(place));
        }
        answered.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Works until nobody waits for this set. What is known of it is kept from group to group.
    async fn work(self: Arc<Self>, place: Place) {
        let mut known = None;
        while let Some(group) = self.next(place) {
            match self.settle(place, &mut known, group).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(%error, chat.id = %place.0, "reactions to message {} wait", place.1);
                    known = None;
                }
            }
        }
    }

    /// The next group; `None`: nobody waits, and whoever comes next begins anew.
    fn next(&self, place: Place) -> Option<Vec<Waiting>> {
        let mut queues = self.queues.lock();
        let queue = queues.get_mut(&place)?;
        let count = first_of(queue.iter().map(|waiting| &waiting.toggle), GROUP);
        if count == 0 {
            queues.remove(&place);
            return None;
        }
        Some(queue.drain(..count).collect())
    }

    /// Does what a group wants and answers it, whatever comes.
    async fn settle(
        &self,
        place: Place,
        known: &mut Option<State>,
        mut group: Vec<Waiting>,
    ) -> Result<(), StoreError> {
        let done = self.attempt(place, known, &mut group).await;
        let (answers, failed) = match done {
            Ok(answers) => (answers.into_iter().map(Ok).collect(), Ok(())),
            Err(error) => {
                let lost = || Err(StoreError::Unavailable(None));
                (group.iter().map(|_| lost()).collect::<Vec<_>>(), Err(error))
            }
        };
        for (waiting, answer) in group.into_iter().zip(answers) {
            // Whoever went away is not told; what was written stands.
            let _ = waiting.answer.send(answer);
        }
        failed
    }

    async fn attempt(
        &self,
        place: Place,
        known: &mut Option<State>,
        group: &mut [Waiting],
    ) -> Result<Vec<Reacted>, StoreError> {
        let mut lost = StoreError::Unavailable(None);
        for _ in 0..TRIES {
            let remembered = known.take();
            let is_fresh = remembered.is_none();
            let before = match remembered {
                Some(state) => state,
                None => rows::state(&self.engine, place).await?,
            };
            let toggles: Vec<&Toggle> = group.iter().map(|waiting| &waiting.toggle).collect();
            let Decided { answers, summary, mut writes } =
                decide(&self.engine, place, &before, &toggles).await?;
            if writes.is_empty() && !is_fresh {
                // No condition says whether what is remembered is still so.
                continue;
            }
            if writes.is_empty() {
                // Somebody may have died before these were mirrored.
                self.mirror(place, before.ver, group, &answers).await?;
                *known = Some(before);
                return Ok(answers);
            }
            writes.insert(0, rows::advance(place, &before, &summary)?);
            match self.engine.batch(writes).await {
                Ok(true) => {
                    let now = State { ver: Some(before.next_ver()), summary };
                    self.mirror(place, now.ver, group, &answers).await?;
                    *known = Some(now);
                    return Ok(answers);
                }
                Ok(false) => {}
                Err(error) => {
                    group.iter_mut().for_each(|waiting| waiting.toggle.may_be_done = true);
                    lost = store_error(error);
                    if self.engine.is_away() {
                        break;
                    }
                }
            }
            self.pause().await;
        }
        Err(lost)
    }

    async fn mirror(
        &self,
        place: Place,
        ver: Option<i64>,
        group: &[Waiting],
        answers: &[Reacted],
    ) -> Result<(), StoreError> {
        let Some(ver) = ver else { return Ok(()) };
        let of_group = group.iter().zip(answers).filter(|(_, answer)| **answer != Reacted::TooManyKinds);
        let rows = of_group.map(|(Waiting { toggle, .. }, _)| {
            rows::mirror(place, (&toggle.emoji, toggle.user), ver, toggle.new.is_some())
        });
        self.engine.write_all(rows.collect()).await
    }

    async fn pause(&self) {
        let micros = 500 + self.random.next_u64() % PAUSE_US;
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }
}
