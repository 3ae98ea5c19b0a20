use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use petit_app::{App, AppError};
use petit_domain::{ChatId, Head};

/// How many chats are asked of the log at once.
const AT_ONCE: usize = 16;

/// Answers the newest numbers of chats.
#[async_trait]
pub trait Heads: Send + Sync {
    /// The numbers as the log has them now, in any order. Chats that do not exist are left out. An answer
    /// that is not from the log itself, but was heard, would hide the very losses that are looked for.
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError>;
}

/// Reads them from the log in this process.
pub struct LogHeads {
    app: Arc<App>,
}

impl LogHeads {
    /// Reads this application's log.
    pub fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Heads for LogHeads {
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError> {
        let read = stream::iter(chats.to_vec()).map(|chat| async move {
            let head = self.app.store().log.head(chat).await?;
            Ok::<_, AppError>(head.map(|head| (chat, head)))
        });
        let read: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }
}
