use petit_ports::{Commit, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::heads::Heads;

/// What a job may use.
pub(crate) struct Writing<'w> {
    pub connection: &'w Connection,
    pub heads: &'w mut Heads,
    pub commits: &'w mut Vec<Commit>,
}

/// A write that waits for its transaction. Runs again, alone, if somebody else spoils the first one.
pub(crate) trait Job: Send {
    fn run(&mut self, writing: &mut Writing<'_>) -> rusqlite::Result<()>;
    /// Tells whoever waits, once it is known whether the transaction is durable.
    fn answer(self: Box<Self>, durable: Result<(), StoreError>);
}

/// What a job's caller waits for.
pub(crate) type Outcome<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A job, and where its caller waits.
pub(crate) fn job<T: Send + 'static>(
    work: impl Fn(&mut Writing<'_>) -> rusqlite::Result<T> + Send + 'static,
) -> (Box<dyn Job>, Outcome<T>) {
    let (caller, outcome) = oneshot::channel();
    (Box::new(Task { work, value: None, caller }), outcome)
}

struct Task<T, F> {
    work: F,
    value: Option<T>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: Fn(&mut Writing<'_>) -> rusqlite::Result<T> + Send> Job for Task<T, F> {
    fn run(&mut self, writing: &mut Writing<'_>) -> rusqlite::Result<()> {
        self.value = Some((self.work)(writing)?);
        Ok(())
    }

    fn answer(self: Box<Self>, durable: Result<(), StoreError>) {
        let Self { value, caller, .. } = *self;
        // Who hung up is not told; what was written stands all the same.
        let _ = caller.send(durable.and_then(|()| value.ok_or(StoreError::Unavailable(None))));
    }
}
