use async_trait::async_trait;
use petit_domain::{ChatId, Head};

use crate::AppError;

/// Answers the newest numbers of chats.
#[async_trait]
pub trait Heads: Send + Sync {
    /// The numbers as the log has them now, in any order. Chats that do not exist are left out. An answer
    /// that is not from the log itself, but was heard, would hide the very losses that are looked for.
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError>;
}
