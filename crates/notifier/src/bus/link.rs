//! One mailbox's stream to a notifier, made anew when it breaks.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use petit_ports::{Announcement, Delivery, Subject};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::{Ends, PATIENCE};
use crate::{
    Peers,
    wire::{
        id_bytes,
        proto::{FromPlexer, Hello, Subscription, ToPlexer, from_plexer, to_plexer},
        subject_in, subject_out,
    },
};

/// How many frames wait for the network on our side.
const OUTGOING: usize = 64;
/// How many subjects one frame names.
const SUBJECTS: usize = 1_000;
/// The first and the longest pause before a broken stream is made anew.
const PAUSE: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];

/// What the owner of the mailbox wants.
pub(super) enum Command {
    Subscribe(Subject, oneshot::Sender<()>),
    Unsubscribe(Subject, oneshot::Sender<()>),
}

/// Why a stream is over.
enum End {
    /// Nobody wants the mailbox any more.
    Unwanted,
    Broken,
}

pub(super) struct Link {
    peers: Arc<Peers>,
    node: Uuid,
    capacity: u32,
    ends: Ends,
    waiting: HashMap<u64, Waiting>,
    next: u64,
    /// How many deliveries the notifier may still send.
    granted: u32,
    outgoing: VecDeque<from_plexer::Frame>,
    /// Where the answer that everything is subscribed again will come.
    returning: Option<u64>,
}

/// Somebody waits until the notifier has done this.
enum Waiting {
    Subscribed(Subject, oneshot::Sender<()>),
    Unsubscribed(oneshot::Sender<()>),
}

impl Link {
    pub(super) fn new(peers: Arc<Peers>, node: Uuid, capacity: u32, ends: Ends) -> Self {
        let (waiting, outgoing) = (HashMap::new(), VecDeque::new());
        Self { peers, node, capacity, ends, waiting, next: 0, granted: 0, outgoing, returning: None }
    }

    /// Keeps a stream to some notifier until nobody wants the mailbox any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut pause = PAUSE[0];
        let mut first = true;
        while !commands.is_closed() && !self.ends.mailbox.is_closed() {
            match self.connect().await {
                Ok((to, from)) => {
                    self.begin(!first);
                    (first, pause) = (false, PAUSE[0]);
                    self.ends.connected.send_replace(true);
                    if let End::Unwanted = self.converse(&mut commands, to, from).await {
                        return;
                    }
                    self.ends.connected.send_replace(false);
                    self.refuse_all(&mut commands);
                    tracing::warn!("the stream to a notifier broke");
                }
                Err(error) => tracing::debug!(%error, "no notifier answers"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE[1]);
        }
    }

    /// Who waits is told that it was not done, and will try again.
    fn refuse_all(&mut self, commands: &mut mpsc::Receiver<Command>) {
        while commands.try_recv().is_ok() {}
        let mut own = self.ends.own.lock();
        for (_, waiting) in self.waiting.drain() {
            if let Waiting::Subscribed(subject, _) = waiting {
                own.remove(&subject);
            }
        }
    }

    async fn connect(&self) -> Result<(mpsc::Sender<FromPlexer>, Streaming<ToPlexer>), Status> {
        let Some((mark, peer)) = self.peers.any() else {
            return Err(Status::unavailable("no notifier is configured"));
        };
        let (to, frames) = mpsc::channel(OUTGOING);
        let hello = Hello { node: id_bytes(self.node), capacity: self.capacity };
        let _ = to.try_send(FromPlexer { frame: Some(from_plexer::Frame::Hello(hello)) });
        let mut client = peer.client();
        let attached = tokio::time::timeout(PATIENCE, client.attach(ReceiverStream::new(frames))).await;
        match attached.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time"))) {
            Ok(stream) => Ok((to, stream.into_inner())),
            Err(status) => {
                self.peers.give_up(mark);
                Err(status)
            }
        }
    }

    /// Prepares what a new stream has to carry first.
    fn begin(&mut self, again: bool) {
        self.granted = 0;
        self.outgoing.clear();
        let subjects: Vec<_> = self.ends.own.lock().iter().map(|subject| subject_out(*subject)).collect();
        for part in subjects.chunks(SUBJECTS) {
            let id = self.number();
            let subscription = Subscription { id, subjects: part.to_vec() };
            self.outgoing.push_back(from_plexer::Frame::Subscribe(subscription));
        }
        self.returning = again.then_some(self.next);
        if self.returning.is_some() && subjects.is_empty() {
            self.returned();
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Everything is subscribed again, and what came meanwhile is lost.
    fn returned(&mut self) {
        self.returning = None;
        // A mark that still lies there says the same.
        let _ = self.ends.mailbox.try_send(Delivery::Lagged);
    }

    async fn converse(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        to: mpsc::Sender<FromPlexer>,
        mut from: Streaming<ToPlexer>,
    ) -> End {
        loop {
            let mailbox = self.ends.mailbox.clone();
            // The wish to end comes first: nothing is delivered to who has dropped the subscriber.
            tokio::select! {
                biased;
                command = commands.recv(), if self.outgoing.len() < OUTGOING => match command {
                    Some(command) => self.take(command),
                    None => return End::Unwanted,
                },
                permit = to.reserve(), if !self.outgoing.is_empty() => match permit {
                    Ok(permit) => permit.send(FromPlexer { frame: self.outgoing.pop_front() }),
                    Err(_) => return End::Broken,
                },
                room = mailbox.reserve_many(2), if self.granted == 0 => match room {
                    Ok(room) => {
                        drop(room);
                        self.grant();
                    }
                    Err(_) => return End::Unwanted,
                },
                frame = from.message() => match frame.map(|frame| frame.and_then(|frame| frame.frame)) {
                    Ok(Some(frame)) => {
                        if !self.hear(frame) {
                            return End::Broken;
                        }
                    }
                    Ok(None) | Err(_) => return End::Broken,
                },
            }
        }
    }

    fn take(&mut self, command: Command) {
        let id = self.number();
        match command {
            // Who asked has stopped waiting and will ask again.
            Command::Subscribe(_, done) if done.is_closed() => {}
            Command::Subscribe(subject, done) => {
                if !self.ends.own.lock().insert(subject) {
                    let _ = done.send(());
                    return;
                }
                self.waiting.insert(id, Waiting::Subscribed(subject, done));
                let subscription = Subscription { id, subjects: vec![subject_out(subject)] };
                self.outgoing.push_back(from_plexer::Frame::Subscribe(subscription));
            }
            Command::Unsubscribe(subject, done) => {
                self.waiting.insert(id, Waiting::Unsubscribed(done));
                let subscription = Subscription { id, subjects: vec![subject_out(subject)] };
                self.outgoing.push_back(from_plexer::Frame::Unsubscribe(subscription));
            }
        }
    }

    /// Answers whether the stream is still of use.
    fn hear(&mut self, frame: to_plexer::Frame) -> bool {
        match frame {
            to_plexer::Frame::Event(delivery) => {
                self.granted = self.granted.saturating_sub(1);
                match (subject_in(delivery.subject), Announcement::received(delivery.json)) {
                    (Ok(subject), Ok(announcement)) if self.ends.own.lock().contains(&subject) => {
                        self.deliver(Delivery::Event(subject, announcement));
                    }
                    (Ok(_), Ok(_)) => {}
                    // What was too large to be carried, or is for somebody this version does not know.
                    _ => self.deliver(Delivery::Lagged),
                }
            }
            to_plexer::Frame::Lagged(_) => {
                self.granted = self.granted.saturating_sub(1);
                self.deliver(Delivery::Lagged);
            }
            to_plexer::Frame::Done(done) => return self.done(done.id, done.refused),
            to_plexer::Frame::Beat(_) => {}
        }
        if self.granted <= self.capacity / 2 {
            self.grant();
        }
        true
    }

    /// There is always room: no more was granted.
    fn deliver(&self, delivery: Delivery) {
        if self.ends.mailbox.try_send(delivery).is_err() {
            tracing::debug!("a delivery without credit");
        }
    }

    fn done(&mut self, id: u64, refused: bool) -> bool {
        match self.waiting.remove(&id) {
            Some(Waiting::Subscribed(subject, _)) if refused => {
                self.ends.own.lock().remove(&subject);
            }
            Some(Waiting::Subscribed(_, done) | Waiting::Unsubscribed(done)) => {
                let _ = done.send(());
            }
            // What was subscribed before the stream broke is wanted still.
            None if refused => return false,
            None if self.returning == Some(id) => self.returned(),
            None => {}
        }
        true
    }

    /// Lets the notifier send as many as there is room for now, but for the mark of a loss.
    fn grant(&mut self) {
        let room = u32::try_from(self.ends.mailbox.capacity().saturating_sub(1)).unwrap_or(u32::MAX);
        let more = room.saturating_sub(self.granted);
        if more > 0 {
            self.granted += more;
            self.outgoing.push_back(from_plexer::Frame::Credit(more));
        }
    }
}
