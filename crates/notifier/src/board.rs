//! Whether people are here, brought together from what all plexers report.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use petit_domain::{Event, UserId};
use petit_ports::{Announcement, Bus, Clock, Subject};
use petit_presence::{Merged, Registry, Report, Shown};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::Settings;

/// The board of one notifier. It tells changes on the bus.
pub(crate) struct Board {
    merged: Mutex<Merged>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
}

impl Board {
    pub(crate) fn start(bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, settings: &Settings) -> Arc<Self> {
        let registry = Registry::new(settings.offline_after, settings.presence_every, clock.now());
        let merged = Mutex::new(Merged::new(settings.lease, registry, Instant::now()));
        let board = Arc::new(Self { merged, bus, clock });
        tokio::spawn(sweep(Arc::downgrade(&board), settings.sweep_every));
        board
    }

    pub(crate) async fn report(&self, node: Uuid, reports: &[Report]) {
        let told: Vec<_> = {
            let (mut merged, now, at) = (self.merged.lock(), Instant::now(), self.clock.now());
            merged.beat(node, now);
            reports.iter().filter_map(|report| merged.report(node, report, now, at)).collect()
        };
        self.tell(told).await;
    }

    /// The node lives. Answers whether it was known to.
    pub(crate) fn beat(&self, node: Uuid) -> bool {
        self.merged.lock().beat(node, Instant::now())
    }

    pub(crate) fn shown(&self, user: UserId) -> Shown {
        self.merged.lock().shown(user)
    }

    async fn tell(&self, told: Vec<(UserId, Shown)>) {
        for (user, Shown { presence, since }) in told {
            let event = Announcement::new(Event::PresenceChanged { user, presence, since });
            if let Err(error) = self.bus.publish(Subject::Presence(user), event).await {
                tracing::debug!(%error, "nobody hears who came or went");
            }
        }
    }
}

async fn sweep(board: Weak<Board>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(board) = board.upgrade() else { return };
        let told = board.merged.lock().sweep(Instant::now(), board.clock.now());
        board.tell(told).await;
    }
}
