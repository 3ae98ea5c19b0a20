//! The notifier's side of one plexer's stream.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use petit_domain::UserId;
use petit_ports::{Bus, Delivery, Mailbox, Subscriber};
use petit_presence::Report;
use tokio::sync::mpsc;
use tonic::{Status, Streaming};
use uuid::Uuid;

use crate::{
    board::Board,
    wire::{
        self, presence_in,
        proto::{
            self, Beat, Done, FromPlexer, Lagged, PresenceReports, Subscription, ToPlexer, from_plexer,
            to_plexer,
        },
        subject_in, subject_out,
    },
};

/// How many frames wait for the network on our side.
pub(crate) const OUTGOING: usize = 64;
/// Most deliveries that wait for one plexer.
const MOST_WAITING: u32 = 64 * 1024;

pub(crate) type Outgoing = mpsc::Sender<Result<ToPlexer, Status>>;

/// One plexer, as long as its stream lasts.
pub(crate) struct Attached {
    node: Uuid,
    /// None for a stream that only reports.
    subscriber: Option<Arc<dyn Subscriber>>,
    board: Arc<Board>,
    credit: u32,
    replies: VecDeque<to_plexer::Frame>,
    has_reported: bool,
}

/// Takes the first frame and then serves the stream until it ends. What the plexer reported about
/// people stays until its lease runs out: it may come back.
pub(crate) async fn serve(
    mut from: Streaming<FromPlexer>,
    bus: Arc<dyn Bus>,
    board: Arc<Board>,
    out: Outgoing,
) {
    let ended = match begin(&mut from, bus, board).await {
        Ok((mut attached, mailbox)) => attached.converse(&mut from, mailbox, &out).await,
        Err(status) => Err(status),
    };
    if let Err(status) = ended {
        let _ = out.send_timeout(Err(status), Duration::from_secs(1)).await;
    }
}

async fn begin(
    from: &mut Streaming<FromPlexer>,
    bus: Arc<dyn Bus>,
    board: Arc<Board>,
) -> Result<(Attached, Option<Mailbox>), Status> {
    let Some(FromPlexer { frame: Some(from_plexer::Frame::Hello(hello)) }) = from.message().await? else {
        return Err(Status::failed_precondition("hello comes first"));
    };
    let node = Uuid::from_slice(&hello.node).map_err(|_| Status::invalid_argument("a node has 16 bytes"))?;
    let (subscriber, mailbox) = match hello.capacity {
        0 => (None, None),
        capacity => {
            let attached = bus.attach(capacity.min(MOST_WAITING) as usize).await.map_err(unavailable)?;
            (Some(attached.0), Some(attached.1))
        }
    };
    let attached =
        Attached { node, subscriber, board, credit: 0, replies: VecDeque::new(), has_reported: false };
    Ok((attached, mailbox))
}

/// The next delivery, if there is a mailbox to come into.
pub(crate) async fn receive(mailbox: &mut Option<Mailbox>) -> Option<Delivery> {
    match mailbox {
        Some(mailbox) => mailbox.recv().await,
        None => std::future::pending().await,
    }
}

/// A part behind us does not answer.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> Status {
    Status::unavailable(error.to_string())
}

impl Attached {
    /// Waits for the network and for credit only, and takes nothing more while too many answers wait:
    /// what a plexer can make us keep is bounded.
    async fn converse(
        &mut self,
        from: &mut Streaming<FromPlexer>,
        mut mailbox: Option<Mailbox>,
        out: &Outgoing,
    ) -> Result<(), Status> {
        loop {
            tokio::select! {
                permit = out.reserve(), if !self.replies.is_empty() => match permit {
                    Ok(permit) => permit.send(Ok(ToPlexer { frame: self.replies.pop_front() })),
                    Err(_) => return Ok(()),
                },
                frame = from.message(), if self.replies.len() < OUTGOING => match frame? {
                    Some(frame) => self.take(frame).await?,
                    None => return Ok(()),
                },
                delivery = receive(&mut mailbox), if self.credit > 0 && self.replies.len() < OUTGOING => match delivery {
                    Some(delivery) => self.deliver(delivery),
                    None => return Err(unavailable("the bus is gone")),
                },
                () = out.closed() => return Ok(()),
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.credit -= 1;
        self.replies.push_back(match delivery {
            Delivery::Event(subject, announcement) => to_plexer::Frame::Event(proto::Delivery {
                subject: Some(subject_out(subject)),
                json: announcement.json().clone(),
            }),
            Delivery::Lagged => to_plexer::Frame::Lagged(Lagged {}),
        });
    }

    async fn take(&mut self, frame: FromPlexer) -> Result<(), Status> {
        match frame.frame {
            Some(from_plexer::Frame::Subscribe(subscription)) => self.change(subscription, true).await,
            Some(from_plexer::Frame::Unsubscribe(subscription)) => self.change(subscription, false).await,
            Some(from_plexer::Frame::Credit(more)) => {
                self.credit = self.credit.saturating_add(more).min(MOST_WAITING);
                Ok(())
            }
            Some(from_plexer::Frame::Reports(reports)) => self.report(reports).await,
            Some(from_plexer::Frame::Beat(Beat {})) => self.beat(),
            Some(from_plexer::Frame::Hello(_)) => Err(Status::failed_precondition("hello comes once")),
            // A newer plexer's frame.
            None => Ok(()),
        }
    }

    async fn change(&mut self, subscription: Subscription, wanted: bool) -> Result<(), Status> {
        let Some(subscriber) = &self.subscriber else {
            return Err(Status::failed_precondition("this stream only reports"));
        };
        let mut refused = false;
        for subject in subscription.subjects {
            let subject = subject_in(Some(subject))?;
            let changed = match wanted {
                true => subscriber.subscribe(subject).await,
                false => subscriber.unsubscribe(subject).await,
            };
            refused |= changed.is_err();
        }
        self.replies.push_back(to_plexer::Frame::Done(Done { id: subscription.id, refused }));
        Ok(())
    }

    async fn report(&mut self, PresenceReports { reports }: PresenceReports) -> Result<(), Status> {
        let reports: Vec<_> = reports.into_iter().map(report).collect::<Result<_, _>>()?;
        self.has_reported = true;
        self.board.report(self.node, &reports).await;
        Ok(())
    }

    fn beat(&mut self) -> Result<(), Status> {
        let was_known = self.board.beat(self.node);
        if self.has_reported && !was_known {
            return Err(Status::aborted("the lease ran out; report again"));
        }
        self.replies.push_back(to_plexer::Frame::Beat(Beat {}));
        Ok(())
    }
}

fn report(report: proto::PresenceReport) -> Result<Report, Status> {
    let user: UserId = wire::user_id(&report.user)?;
    let presence = presence_in(report.presence);
    Ok(Report { user, presence, lasting: Duration::from_millis(report.for_ms) })
}
