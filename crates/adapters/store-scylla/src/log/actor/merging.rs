use std::{sync::Arc, time::Duration};

use petit_domain::ChatId;
use petit_ports::StoreError;
use tokio::{task::JoinHandle, time::Instant};

use crate::{engine::Engine, log::index, sequencer::Core};

/// How long an era waits after it could not be merged.
const LATER: Duration = Duration::from_secs(60);

/// The era that is being merged.
#[derive(Default)]
pub(super) struct Merging {
    running: Option<(i64, JoinHandle<Result<(), StoreError>>)>,
    /// After a failure.
    not_before: Option<Instant>,
}

impl Merging {
    /// Merges an era once it is complete, while others go on.
    pub(super) async fn go_on(&mut self, core: &mut Core, engine: &Arc<Engine>, chat: ChatId) {
        if self.running.as_ref().is_some_and(|(_, task)| task.is_finished())
            && let Some((era, task)) = self.running.take()
        {
            match task.await {
                Ok(Ok(())) => core.merged(era),
                Ok(Err(error)) => self.put_off(chat, era, &error),
                Err(error) => self.put_off(chat, era, &error),
            }
        }
        if self.running.is_none()
            && self.not_before.is_none_or(|time| time <= Instant::now())
            && let Some(era) = core.ripe_era()
        {
            let engine = engine.clone();
            let task = tokio::spawn(async move { index::merge(&engine, chat, era).await });
            self.running = Some((era, task));
        }
    }

    /// Its packs do as well meanwhile.
    fn put_off(&mut self, chat: ChatId, era: i64, error: &dyn std::error::Error) {
        tracing::warn!(%error, chat.id = %chat, "era {era} of chat {chat} is merged later");
        self.not_before = Some(Instant::now() + LATER);
    }
}
