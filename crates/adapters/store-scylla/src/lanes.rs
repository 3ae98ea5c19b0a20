use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

const LANES: usize = 16;

/// Those of one process who change the same small set do so one after the other: they would only get in each other's way.
#[derive(Default)]
pub(crate) struct Lanes([Mutex<()>; LANES]);

impl Lanes {
    /// Waits for whoever changes the set of this chat or person.
    pub(crate) async fn enter(&self, of: Uuid) -> MutexGuard<'_, ()> {
        self.0[(of.as_u128() % LANES as u128) as usize].lock().await
    }
}
