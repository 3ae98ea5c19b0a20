//! One task empties the mailbox: each event is given to everybody it is for, then all who got
//! something write everything they have in one go.

use std::{
    sync::{Arc, Weak},
    time::Instant,
};

use petit_domain::{Access, Event, SessionId, UserId};
use petit_ports::{Announcement, Delivery, Mailbox, Subject};
use petit_protocol::{CloseCode, ServerFrame};
use tokio::time::{Instant as Moment, timeout_at};

use super::{Hub, index::Touched};
use crate::connection::Connection;

/// How many deliveries are taken at once.
const BATCH: usize = 256;
/// How many sockets are written before other tasks get a turn.
const TURN: usize = 32;

/// Empties the mailbox until the hub or the bus is gone.
pub(super) async fn run(hub: Weak<Hub>, mut mailbox: Mailbox) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut waiting = Waiting::default();
    loop {
        let count = match waiting.until {
            None => mailbox.recv_many(&mut batch, BATCH).await,
            Some(until) => match timeout_at(until, mailbox.recv_many(&mut batch, BATCH)).await {
                Ok(count) => count,
                Err(_) => {
                    flush(waiting.take()).await;
                    continue;
                }
            },
        };
        let Some(hub) = hub.upgrade().filter(|_| count > 0) else { return };
        let mut now = Touched::new();
        for delivery in batch.drain(..) {
            hub.deliver(delivery, &mut now, &mut waiting);
        }
        flush(now).await;
    }
}

/// Connections whose chats are so busy that they gather for a moment before they write.
#[derive(Default)]
struct Waiting {
    connections: Touched,
    until: Option<Moment>,
}

impl Waiting {
    fn take(&mut self) -> Touched {
        self.until = None;
        std::mem::take(&mut self.connections)
    }
}

/// Writes what these connections have. Many of them are spread over the runtime's threads, and other
/// tasks get their turn in between.
async fn flush(touched: Touched) {
    if touched.len() <= TURN {
        touched.iter().for_each(|connection| connection.flush());
        return;
    }
    let threads = tokio::runtime::Handle::current().metrics().num_workers();
    let share = touched.len().div_ceil(threads).max(TURN);
    let mut rest = touched;
    while !rest.is_empty() {
        let part = rest.split_off(rest.len().saturating_sub(share));
        tokio::spawn(flush_in_turns(part));
    }
}

async fn flush_in_turns(connections: Touched) {
    for turn in connections.chunks(TURN) {
        turn.iter().for_each(|connection| connection.flush());
        tokio::task::yield_now().await;
    }
}

impl Hub {
    fn deliver(self: &Arc<Self>, delivery: Delivery, now: &mut Touched, waiting: &mut Waiting) {
        match delivery {
            Delivery::Event(Subject::Chat(chat), event) => {
                let mut touched = Touched::new();
                let busy = self.index.lock().reach_chat(chat, &event, Instant::now(), &mut touched);
                if busy && !touched.is_empty() {
                    waiting.until.get_or_insert_with(|| Moment::now() + self.gather);
                    waiting.connections.append(&mut touched);
                } else {
                    now.append(&mut touched);
                }
            }
            Delivery::Event(Subject::User(user), event) => self.for_user(user, &event, now),
            Delivery::Event(Subject::Presence(user), _) if user == self.canary.name => {
                self.canary.came_back()
            }
            Delivery::Event(Subject::Presence(user), event) => {
                self.index.lock().reach_watchers(user, &event, Instant::now(), now);
            }
            Delivery::Event(Subject::Sessions, event) => {
                if let Some(Event::SessionRevoked { user, session }) = event.event() {
                    self.end_session(*user, *session);
                }
            }
            Delivery::Lagged => self.lagged(),
        }
    }

    /// Changes who hears what before anything later is looked at: no message of a chat can reach
    /// somebody whose removal was announced before it.
    fn for_user(self: &Arc<Self>, user: UserId, event: &Arc<Announcement>, now: &mut Touched) {
        self.index.lock().reach_user(user, event, Instant::now(), now);
        let envelope = event.envelope();
        let (Some(chat), Some(access)) = (envelope.chat, envelope.access) else { return };
        match access {
            Access::Given => {
                let head = envelope.head;
                if self.index.lock().join(user, chat, head) {
                    let hub = self.clone();
                    tokio::spawn(async move { hub.join(user, chat, head).await });
                }
            }
            Access::Taken => {
                let left = self.index.lock().leave(user, chat);
                let hub = self.clone();
                tokio::spawn(async move {
                    if left {
                        hub.interests.release(Subject::Chat(chat)).await;
                    }
                    hub.recheck_watching(user).await;
                });
            }
        }
    }

    fn end_session(&self, user: UserId, session: SessionId) {
        let connections = self.index.lock().connections_of(user).to_vec();
        let theirs = |each: &&Arc<Connection>| each.caller().is_some_and(|caller| caller.session == session);
        connections.iter().filter(theirs).for_each(|connection| end(connection));
    }

    fn lagged(self: &Arc<Self>) {
        tracing::warn!("the bus lost events: all clients compare their numbers");
        self.everything_is_dirty();
        // A lost event may have said that somebody was added, removed or signed out.
        let hub = self.clone();
        tokio::spawn(async move { hub.read_everything_again().await });
    }
}

/// Closes a connection whose session has ended.
pub(crate) fn end(connection: &Connection) {
    let farewell = ServerFrame::Goaway { reason: "revoked".into(), reconnect_ms: [0, 0] };
    connection.close(Some(&farewell), CloseCode::SessionRevoked, "the session has ended", true);
}
