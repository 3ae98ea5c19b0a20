//! What the application's timers do.

use async_trait::async_trait;
use petit_ports::Timer;

use crate::{App, AppError, lookout, scheduled, timers::Effects, unfinished};

#[async_trait]
impl Effects for App {
    fn knows(&self, kind: &str) -> bool {
        matches!(kind, scheduled::TIMER | lookout::TIMER)
    }

    async fn fire(&self, timer: &Timer) -> Result<(), AppError> {
        match timer.kind.as_str() {
            scheduled::TIMER => scheduled::due(self, timer).await,
            lookout::TIMER => unfinished::due(self).await,
            other => Err(AppError::Internal(format!("nobody here knows timers of kind {other}").into())),
        }
    }
}
