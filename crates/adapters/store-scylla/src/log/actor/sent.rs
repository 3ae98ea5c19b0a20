//! What was sent before: the index of it, and the markers of who sent it.

use petit_ports::{StoreError, Wish};
use tokio::time::Instant;

use super::Actor;
use crate::{
    log::{after, index, pages, shared::Outcome},
    memory::Newest,
    sequencer::{Limits, Question},
};

impl Actor {
    /// Writes senders' own markers, while others go on.
    pub(super) fn write_markers(&self, markers: Newest) {
        if !markers.is_empty() {
            let (engine, chat, alive) = (self.engine.clone(), self.chat, self._alive.clone());
            tokio::spawn(async move {
                if let Err(error) = after::mark(&engine, chat, &markers).await {
                    tracing::debug!(%error, chat.id = %chat, "senders' own markers of chat {chat} wait");
                }
                drop(alive);
            });
        }
    }

    /// Puts into the index what has become complete. Its mark rises over messages whose senders' markers are
    /// written too.
    pub(super) async fn write_index(&mut self) -> Result<(), StoreError> {
        while let Some(pack) = self.core.pack() {
            let markers = self.engine.senders.due(self.chat, Instant::now(), true);
            let put = index::put(&self.engine, self.chat, &pack);
            tokio::try_join!(put, after::mark(&self.engine, self.chat, &markers))?;
            self.core.packed(pack.number);
        }
        self.merging.go_on(&mut self.core, &self.engine, self.chat).await;
        Ok(())
    }

    /// Looks closer at what may have been sent before.
    pub(super) async fn check_index(&mut self) -> Result<(), StoreError> {
        let mark = self.core.index_mark();
        let questions = self.questions();
        let names: Vec<u64> = questions
            .iter()
            .filter(|(_, question)| question.has_eras)
            .map(|(_, question)| question.name)
            .collect();
        let merged = index::find(&self.engine, self.chat, &names).await?;
        for (id, question) in questions {
            let named = merged.iter().filter(|(name, _)| *name == question.name).map(|(_, seq)| *seq);
            let places: Vec<i64> = question.places.iter().copied().chain(named).collect();
            match self.same_of(id, &places).await? {
                Some(seq) => self.answer(id, Ok(Outcome::Repeated(seq))),
                None => {
                    if let Some(waiting) = self.waiting.iter_mut().find(|w| w.request.id == id) {
                        waiting.request.checked = Some(mark);
                    }
                }
            }
        }
        Ok(())
    }

    /// What has to be looked at before the first requests can be planned.
    fn questions(&self) -> Vec<(u64, Question)> {
        let first = self.waiting.iter().take(Limits::default().group);
        first
            .filter_map(|waiting| Some((waiting.request.id, self.core.question(&waiting.request)?)))
            .collect()
    }

    /// Which of these messages is the one that is to be written.
    async fn same_of(&self, id: u64, places: &[i64]) -> Result<Option<i64>, StoreError> {
        let waiting = self.waiting.iter().find(|waiting| waiting.request.id == id);
        let Some(Wish::Append(new)) = waiting.map(|waiting| &waiting.request.wish) else { return Ok(None) };
        for seq in places {
            let there = pages::one(&self.engine, self.chat, *seq).await?;
            if there.is_some_and(|there| there.author == new.author && there.client_id == new.client_id) {
                return Ok(Some(*seq));
            }
        }
        Ok(None)
    }
}
