use std::sync::Arc;

use async_trait::async_trait;
use petit_app::AppError;
pub use petit_app::Heads;
use petit_domain::{ChatId, Head};

use crate::backstage::Backstage;

/// Has the application read them from the log.
pub struct LogHeads {
    backstage: Arc<dyn Backstage>,
}

impl LogHeads {
    /// Asks this application.
    pub fn new(backstage: Arc<dyn Backstage>) -> Self {
        Self { backstage }
    }
}

#[async_trait]
impl Heads for LogHeads {
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError> {
        self.backstage.heads(chats).await
    }
}
