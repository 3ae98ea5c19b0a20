//! Keeps one notifier informed, and notices when it stops to answer.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use petit_presence::Report;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::Shared;
use crate::wire::{
    id_bytes, presence_out,
    proto::{Beat, FromPlexer, Hello, PresenceReport, PresenceReports, ToPlexer, from_plexer::Frame},
};

/// How many people one frame tells of.
const REPORTS: usize = 500;
/// In how many beats everything is said once more.
const REPEAT_EVERY: u32 = 6;
/// The first and the longest pause before a broken stream is made anew.
const PAUSE: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Reports to one notifier for ever.
pub(super) async fn run(shared: Arc<Shared>, place: usize) {
    let mut pause = PAUSE[0];
    loop {
        let mut was_living = false;
        let Err(status) = shared.keep_informed(place, &mut was_living).await;
        tracing::debug!(%status, address = shared.peers.all()[place].address, "a notifier is left out");
        if was_living {
            pause = PAUSE[0];
            shared.set_living(place, false);
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE[1]);
    }
}

impl Shared {
    fn set_living(&self, place: usize, lives: bool) {
        self.recent.lock().moved(Instant::now());
        let to_tell = self.table.lock().set_living(place, lives);
        to_tell.into_iter().for_each(|place| self.news[place].notify_one());
    }

    async fn keep_informed(
        &self,
        place: usize,
        lives: &mut bool,
    ) -> Result<std::convert::Infallible, Status> {
        let (to, mut from) = self.attach(place).await?;
        let mut beats = interval(self.settings.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut heard, mut count) = (Instant::now(), 0_u32);
        loop {
            tokio::select! {
                _ = beats.tick() => {
                    if heard.elapsed() > self.settings.lease {
                        return Err(Status::deadline_exceeded("it says nothing any more"));
                    }
                    self.send(&to, Frame::Beat(Beat {})).await?;
                    count += 1;
                    if *lives && count.is_multiple_of(REPEAT_EVERY) {
                        self.table.lock().repeat(place);
                        self.news[place].notify_one();
                    }
                },
                () = self.news[place].notified(), if *lives => self.report(place, &to).await?,
                frame = from.message() => {
                    frame?.ok_or_else(|| Status::unavailable("it ended the stream"))?;
                    heard = Instant::now();
                    if !std::mem::replace(lives, true) {
                        self.set_living(place, true);
                    }
                }
            }
        }
    }

    async fn attach(&self, place: usize) -> Result<(mpsc::Sender<FromPlexer>, Streaming<ToPlexer>), Status> {
        let (to, frames) = mpsc::channel(4);
        // What a stream before this one reported ends with its lease, also what is no longer so.
        let name = self.node.as_u128().wrapping_add(self.streams.fetch_add(1, Ordering::Relaxed).into());
        let hello = Hello { node: id_bytes(Uuid::from_u128(name)), capacity: 0 };
        self.send(&to, Frame::Hello(hello)).await?;
        let mut client = self.peers.all()[place].client();
        let attached = timeout(self.settings.lease, client.attach(ReceiverStream::new(frames))).await;
        let attached = attached.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))?;
        Ok((to, attached.into_inner()))
    }

    /// Says everything that is unsaid. Waits for the network, so that no more is on its way than it takes.
    async fn report(&self, place: usize, to: &mpsc::Sender<FromPlexer>) -> Result<(), Status> {
        loop {
            let reports = self.table.lock().take(place, REPORTS, Instant::now());
            if reports.is_empty() {
                return Ok(());
            }
            let reports = reports.iter().map(encode).collect();
            self.send(to, Frame::Reports(PresenceReports { reports })).await?;
        }
    }

    async fn send(&self, to: &mpsc::Sender<FromPlexer>, frame: Frame) -> Result<(), Status> {
        let sent = to.send_timeout(FromPlexer { frame: Some(frame) }, self.settings.lease).await;
        sent.map_err(|_| Status::deadline_exceeded("it takes nothing any more"))
    }
}

fn encode(report: &Report) -> PresenceReport {
    PresenceReport {
        user: id_bytes(report.user.uuid()),
        presence: report.presence.map_or(0, presence_out),
        for_ms: u64::try_from(report.lasting.as_millis()).unwrap_or(u64::MAX),
    }
}
