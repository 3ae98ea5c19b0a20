use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use petit_app::App;
use petit_domain::{ChatId, Head};
use petit_ports::StoreError;

/// How many chats are asked of the log at once.
const AT_ONCE: usize = 16;
/// How many chats are remembered before the old ones are forgotten.
const REMEMBERED: usize = 64 * 1024;

/// The newest numbers of chats. They are read from the log and not heard on the bus: they are compared
/// with what the bus carried, and what it lost here too would never be found. Several plexers that ask
/// in the same moment cost one read.
pub(crate) struct Heads {
    app: Arc<App>,
    recent: Mutex<HashMap<ChatId, (Instant, Head)>>,
    good_for: Duration,
}

impl Heads {
    pub(crate) fn new(app: Arc<App>, good_for: Duration) -> Self {
        Self { app, recent: Mutex::default(), good_for }
    }

    /// Chats that do not exist are left out.
    pub(crate) async fn of(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, StoreError> {
        let asked_at = Instant::now();
        let (mut heads, missing) = self.remembered(chats, asked_at);
        let read = stream::iter(missing).map(|chat| async move {
            let head = self.app.store().log.head(chat).await?;
            Ok::<_, StoreError>(head.map(|head| (chat, head)))
        });
        let read: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
        let read: Vec<_> = read.into_iter().flatten().collect();
        self.remember(&read, asked_at);
        heads.extend(read);
        Ok(heads)
    }

    fn remembered(&self, chats: &[ChatId], now: Instant) -> (Vec<(ChatId, Head)>, Vec<ChatId>) {
        let recent = self.recent.lock();
        let (mut heads, mut missing) = (Vec::new(), Vec::new());
        for chat in chats {
            match recent.get(chat) {
                Some((at, head)) if now.saturating_duration_since(*at) < self.good_for => {
                    heads.push((*chat, *head));
                }
                _ => missing.push(*chat),
            }
        }
        (heads, missing)
    }

    fn remember(&self, read: &[(ChatId, Head)], at: Instant) {
        let mut recent = self.recent.lock();
        if recent.len() + read.len() > REMEMBERED {
            recent.retain(|_, (seen, _)| at.saturating_duration_since(*seen) < self.good_for);
        }
        recent.extend(read.iter().map(|(chat, head)| (*chat, (at, *head))));
    }
}
