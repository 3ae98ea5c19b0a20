//! The notifier's side of a stream that asks whether people are here.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use petit_domain::{Event, UserId};
use petit_ports::{Bus, Delivery, Mailbox, Subject, Subscriber};
use petit_presence::Shown;
use tokio::sync::mpsc;
use tonic::{Status, Streaming};

use crate::{
    attached::{OUTGOING, receive, unavailable},
    board::Board,
    wire::{
        id_bytes, presence_out,
        proto::{PresenceFrame, WatchFrame},
        user_id,
    },
};

/// Most people that one stream watches.
const MOST: usize = 100_000;
/// From so many on that wait to be told, no more questions are taken.
const MOST_WAITING: usize = OUTGOING * 64;
/// How many changes may wait. When some are lost, everybody who is watched is told anew.
const MAILBOX: usize = 1_024;

struct Watching {
    board: Arc<Board>,
    bus: Arc<dyn Bus>,
    /// Once anybody is watched, and not only asked about.
    subscriber: Option<Arc<dyn Subscriber>>,
    mailbox: Option<Mailbox>,
    users: HashSet<UserId>,
    /// Who is to be told of as they are now. Holds nobody twice.
    waiting: VecDeque<UserId>,
    queued: HashSet<UserId>,
    /// The plexer has asked everything it wanted.
    is_ending: bool,
}

/// Serves a stream until it ends.
pub(crate) async fn serve(
    mut from: Streaming<WatchFrame>,
    bus: Arc<dyn Bus>,
    board: Arc<Board>,
    out: mpsc::Sender<Result<PresenceFrame, Status>>,
) {
    let (users, waiting, queued) = (HashSet::new(), VecDeque::new(), HashSet::new());
    let (subscriber, mailbox, is_ending) = (None, None, false);
    let watching = Watching { board, bus, subscriber, mailbox, users, waiting, queued, is_ending };
    if let Err(status) = watching.converse(&mut from, &out).await {
        let _ = out.send_timeout(Err(status), std::time::Duration::from_secs(1)).await;
    }
}

impl Watching {
    async fn converse(
        mut self,
        from: &mut Streaming<WatchFrame>,
        out: &mpsc::Sender<Result<PresenceFrame, Status>>,
    ) -> Result<(), Status> {
        while !(self.is_ending && self.waiting.is_empty()) {
            tokio::select! {
                permit = out.reserve(), if !self.waiting.is_empty() => match permit {
                    Ok(permit) => {
                        let Some(user) = self.next() else { continue };
                        permit.send(Ok(frame(user, self.board.shown(user))));
                    }
                    Err(_) => return Ok(()),
                },
                asked = from.message(), if !self.is_ending && self.waiting.len() < MOST_WAITING => match asked? {
                    Some(asked) => self.take(asked).await?,
                    None => self.is_ending = true,
                },
                delivery = receive(&mut self.mailbox) => match delivery {
                    Some(delivery) => self.hear(delivery),
                    None => return Err(unavailable("the bus is gone")),
                },
                () = out.closed() => return Ok(()),
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<UserId> {
        let user = self.waiting.pop_front()?;
        self.queued.remove(&user);
        Some(user)
    }

    fn enqueue(&mut self, user: UserId) {
        if self.queued.insert(user) {
            self.waiting.push_back(user);
        }
    }

    /// Listens first and tells then, so that no change falls between.
    async fn take(&mut self, asked: WatchFrame) -> Result<(), Status> {
        for user in asked.watch {
            let user = user_id(&user)?;
            if self.users.len() >= MOST {
                return Err(Status::resource_exhausted(format!("at most {MOST} people in one stream")));
            }
            if self.users.insert(user) {
                let subscriber = self.subscriber().await?;
                subscriber.subscribe(Subject::Presence(user)).await.map_err(unavailable)?;
            }
            self.enqueue(user);
        }
        for user in asked.ask {
            self.enqueue(user_id(&user)?);
        }
        for user in asked.unwatch {
            let user = user_id(&user)?;
            if self.users.remove(&user) {
                let subscriber = self.subscriber().await?;
                subscriber.unsubscribe(Subject::Presence(user)).await.map_err(unavailable)?;
            }
        }
        Ok(())
    }

    async fn subscriber(&mut self) -> Result<Arc<dyn Subscriber>, Status> {
        if let Some(subscriber) = &self.subscriber {
            return Ok(subscriber.clone());
        }
        let (subscriber, mailbox) = self.bus.attach(MAILBOX).await.map_err(unavailable)?;
        (self.subscriber, self.mailbox) = (Some(subscriber.clone()), Some(mailbox));
        Ok(subscriber)
    }

    fn hear(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Event(_, announcement) => {
                if let Some(Event::PresenceChanged { user, .. }) = announcement.event() {
                    self.enqueue(*user);
                }
            }
            Delivery::Lagged => {
                let all: Vec<_> = self.users.iter().copied().collect();
                all.into_iter().for_each(|user| self.enqueue(user));
            }
        }
    }
}

fn frame(user: UserId, shown: Shown) -> PresenceFrame {
    let (presence, since) = (presence_out(shown.presence), shown.since.micros());
    PresenceFrame { user: id_bytes(user.uuid()), presence, since }
}
