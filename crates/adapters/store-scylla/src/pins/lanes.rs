use petit_domain::ChatId;
use tokio::sync::{Mutex, MutexGuard};

const LANES: usize = 16;

/// Those of one process who change the pins of a chat do so one after the other: they would only get in each other's way.
#[derive(Default)]
pub(crate) struct Lanes([Mutex<()>; LANES]);

impl Lanes {
    pub(super) async fn enter(&self, chat: ChatId) -> MutexGuard<'_, ()> {
        self.0[(chat.uuid().as_u128() % LANES as u128) as usize].lock().await
    }
}
