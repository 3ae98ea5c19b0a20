//! Finds what the bus lost without saying so: the numbers that were heard are compared with the log.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use futures_util::{StreamExt, stream};
use petit_domain::{ChatId, Event, Head, Presence, UserId};
use petit_ports::{Announcement, Subject};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{Hub, index::Touched};
use crate::Settings;

/// How many people's chats are read at once.
const AT_ONCE: usize = 8;

/// An event that only this node listens to, sent to find out whether the bus carries any.
pub(super) struct Canary {
    pub(super) name: UserId,
    is_back: AtomicBool,
}

impl Canary {
    pub(super) fn new(name: UserId) -> Self {
        Self { name, is_back: AtomicBool::new(true) }
    }

    pub(super) fn came_back(&self) {
        self.is_back.store(true, Ordering::Relaxed);
    }
}

/// Compares until the hub is gone.
pub(super) async fn run(hub: Weak<Hub>, settings: Settings) {
    let mut rounds = interval(settings.compare_every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds.tick().await;
    let mut count = 0;
    loop {
        rounds.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.compare(count, &settings).await;
        count += 1;
    }
}

impl Hub {
    async fn compare(self: &Arc<Self>, round: usize, settings: &Settings) {
        let was_carried = self.send_canary().await;
        let lost = self.find_losses(settings).await;
        let saw_a_hole = self.index.lock().take_hole();
        let is_losing = saw_a_hole || !was_carried || !lost.is_empty();
        self.make_up(&lost);
        let users = self.index.lock().users();
        let due: Vec<_> = if is_losing {
            tracing::warn!(
                chats = lost.len(),
                was_carried,
                "the bus loses events: what is missing is fetched"
            );
            users
        } else {
            // A part of them in each round, so that in time it was everybody's turn.
            let rounds = settings.rounds_to_recheck_chats();
            users.into_iter().skip((round + 1) % rounds).step_by(rounds).collect()
        };
        self.read_chats_again(due).await;
        self.repeat_presences().await;
    }

    /// Answers whether the one before came back.
    async fn send_canary(&self) -> bool {
        let was_carried = self.canary.is_back.swap(false, Ordering::Relaxed);
        let (user, since) = (self.canary.name, self.stage.now());
        let event = Event::PresenceChanged { user, presence: Presence::Online, since };
        // When the bus refuses it, that is found out like any other loss.
        let _ = self.stage.bus.publish(Subject::Presence(user), Announcement::new(event)).await;
        was_carried
    }

    /// The chats of which the log has something that was not heard, nor was a little later: what is only
    /// on its way is not lost.
    async fn find_losses(&self, settings: &Settings) -> Vec<(ChatId, Head)> {
        let chats = self.index.lock().chats();
        let heads = match self.heads.heads(&chats).await {
            Ok(heads) => heads,
            Err(error) => {
                tracing::debug!(%error, "could not compare with the log");
                return Vec::new();
            }
        };
        let behind = self.index.lock().behind(heads);
        if behind.is_empty() {
            return behind;
        }
        sleep(settings.compare_grace).await;
        self.index.lock().behind(behind)
    }

    fn make_up(&self, lost: &[(ChatId, Head)]) {
        let (mut touched, now) = (Touched::new(), Instant::now());
        for (chat, head) in lost {
            self.index.lock().chat_is_dirty(*chat, *head, now, &mut touched);
        }
        touched.iter().for_each(|connection| connection.wake());
    }

    /// Somebody may have been added or removed without a word.
    pub(super) async fn read_chats_again(self: &Arc<Self>, users: Vec<UserId>) {
        let read = stream::iter(users).map(|user| {
            let hub = self.clone();
            async move {
                if let Err(error) = hub.read_again(user).await {
                    tracing::debug!(%error, "could not read somebody's chats again");
                }
            }
        });
        read.buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Reports do no harm when they are repeated, and one that overtook another would otherwise stand until
    /// the next change.
    async fn repeat_presences(&self) {
        let users = self.index.lock().users();
        for user in users {
            self.observe_presence(user).await;
        }
    }
}
