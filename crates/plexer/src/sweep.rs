//! Looks at the clock for all connections, so that none needs a timer of its own.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use petit_protocol::CloseCode;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    connection::{Connection, Overdue, Patience},
    plexer::Plexer,
};

/// Most sessions that are looked at again in one sweep, so that the check stays cheap with many
/// connections. The bus tells of ended sessions at once; this is for when it did not.
const MOST_RECHECKED: usize = 100;
/// In how many sweeps failed subscriptions are tried again.
const RETRY_EVERY: u64 = 10;

/// Sweeps until the plexer is gone.
pub(crate) async fn run(plexer: Weak<Plexer>) {
    let Some(settings) = plexer.upgrade().map(|plexer| plexer.settings.clone()) else { return };
    let mut ticks = interval(settings.sweep_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = Sweep { patience: patience(&settings), count: 0, next: 0, looking: None };
    loop {
        ticks.tick().await;
        let Some(plexer) = plexer.upgrade() else { return };
        sweep.turn(&plexer).await;
    }
}

fn patience(settings: &crate::Settings) -> Patience {
    Patience {
        identify_within: settings.identify_within,
        silence: settings.ping_interval * 2,
        full_for: settings.full_for,
        resume_within: settings.resume_within,
    }
}

struct Sweep {
    patience: Patience,
    count: u64,
    /// Where the next look at sessions begins.
    next: usize,
    /// The last look, which may wait for another process.
    looking: Option<JoinHandle<()>>,
}

impl Sweep {
    async fn turn(&mut self, plexer: &Arc<Plexer>) {
        let connections = plexer.hub.all();
        self.deadlines(plexer, &connections).await;
        self.sessions(plexer, &connections);
        plexer.hub.tell_due_presences().await;
        self.count += 1;
        if self.count.is_multiple_of(RETRY_EVERY) {
            plexer.hub.retry_subscriptions().await;
        }
    }

    async fn deadlines(&self, plexer: &Plexer, connections: &[Arc<Connection>]) {
        let now = Instant::now();
        for connection in connections {
            match connection.overdue(now, &self.patience) {
                None => {}
                Some(Overdue::Forget) => plexer.hub.forget(connection).await,
                Some(Overdue::Abandon) => connection.wake(),
                Some(Overdue::Close(code)) => connection.close(None, code, reason(code), true),
            }
        }
    }

    fn sessions(&mut self, plexer: &Arc<Plexer>, connections: &[Arc<Connection>]) {
        if self.looking.as_ref().is_some_and(|looking| !looking.is_finished()) {
            return;
        }
        let count = share(connections.len(), &plexer.settings);
        let from = if self.next < connections.len() { self.next } else { 0 };
        let slice: Vec<_> = connections.iter().cycle().skip(from).take(count).cloned().collect();
        self.next = from + count;
        let hub = plexer.hub.clone();
        self.looking = Some(tokio::spawn(async move { hub.recheck_sessions(&slice).await }));
    }
}

/// How many of `all` are due in one sweep.
fn share(all: usize, settings: &crate::Settings) -> usize {
    let sweeps = settings.recheck_sessions.as_millis()
        / settings.sweep_every.max(Duration::from_millis(1)).as_millis();
    all.div_ceil(usize::try_from(sweeps).unwrap_or(usize::MAX).max(1)).min(MOST_RECHECKED)
}

fn reason(code: CloseCode) -> &'static str {
    match code {
        CloseCode::NotIdentified => "no identify or resume came in time",
        CloseCode::TooSlow => "events were not read for too long",
        _ => "no ping came for two intervals",
    }
}
