//! Looks after shards: takes them, fires what is due, gives them back. Each shard has a task of its own, so
//! that a slow effect holds up nothing elsewhere.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use petit_domain::{TimerId, Timestamp};
use petit_ports::{Change, Clock, Lease, Shard, StoreError, Timer, TimerStore};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{
    figures::Figures,
    plan::{Plan, Rules},
};
use crate::AppError;

/// How long a shard is held without being renewed. Longer than clocks differ, many times.
const LEASE_S: i64 = 15;
const RENEW: Duration = Duration::from_secs(5);
/// Who has not renewed for so long fires nothing more: somebody else may hold the shard soon.
const TRUSTED: Duration = Duration::from_secs(12);
/// How often a shared shard is looked at, and how far ahead: what comes before the next look is waited for.
const LOOK: Duration = Duration::from_secs(1);
/// Not more often, however many come one after the other.
const LOOK_AT_MOST: Duration = Duration::from_millis(50);
/// The longest wait of a worker that is alone, in case the clock is set.
const LOOK_ALONE: Duration = Duration::from_secs(60);
const PAGE: usize = 256;
const AT_ONCE: usize = 64;
/// How long one effect may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// The watermark is written when it has moved this far and something was fired, or this far in any case.
const WRITTEN_EVERY_S: i64 = 30;
const WRITTEN_AT_REST_S: i64 = 600;
const EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// What timers do.
#[async_trait]
pub trait Effects: Send + Sync + 'static {
    /// Whether this version knows the kind. What it does not know is left for whoever does.
    fn knows(&self, kind: &str) -> bool;

    /// Does what the timer says. May be called again after it was done, also at the same time elsewhere. An
    /// error means that it is to be tried again.
    async fn fire(&self, timer: &Timer) -> Result<(), AppError>;
}

/// Who shares the shards with this worker.
#[derive(Clone, Copy, Debug)]
pub enum Settings {
    /// Nobody: the store belongs to this process, which takes every shard and keeps it.
    Alone,
    /// Other workers; this one is known by a name that no other has.
    Among(Uuid),
}

/// What a worker is made of.
pub struct Parts {
    /// Where timers are.
    pub store: Arc<dyn TimerStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What they do.
    pub effects: Arc<dyn Effects>,
    /// Where it is told how it goes.
    pub figures: Arc<Figures>,
    /// Who else is there.
    pub settings: Settings,
}

/// Starts a worker. It ends when the answer is aborted.
pub fn start(parts: Parts) -> JoinHandle<()> {
    tokio::spawn(run(Arc::new(parts)))
}

async fn run(parts: Arc<Parts>) {
    let (mine, assigned) = watch::channel(Vec::new());
    let mut shards = JoinSet::new();
    for shard in Shard::all() {
        let task = Task { parts: parts.clone(), shard, assigned: assigned.clone(), held: None };
        shards.spawn(task.run());
    }
    let Settings::Among(worker) = parts.settings else {
        mine.send_replace(Shard::all().collect());
        return std::future::pending().await;
    };
    loop {
        let now = parts.clock.now();
        match parts.store.attend(worker, now, now.plus_seconds(LEASE_S)).await {
            Ok(workers) => {
                let share = share(&workers, worker);
                mine.send_if_modified(|mine| std::mem::replace(mine, share.clone()) != share);
            }
            Err(error) => tracing::warn!(%error, "could not say that a worker of timers is here"),
        }
        sleep(RENEW).await;
    }
}

/// The shards of one of several workers: every so-manyth.
fn share(workers: &[Uuid], worker: Uuid) -> Vec<Shard> {
    let Some(place) = workers.iter().position(|other| *other == worker) else { return Vec::new() };
    Shard::all().filter(|shard| usize::from(shard.number()) % workers.len() == place).collect()
}

struct Held {
    lease: Lease,
    renewed: Instant,
    plan: Plan,
    has_fired: bool,
}

/// Looks after one shard.
struct Task {
    parts: Arc<Parts>,
    shard: Shard,
    assigned: watch::Receiver<Vec<Shard>>,
    held: Option<Held>,
}

impl Task {
    async fn run(mut self) {
        loop {
            let pause = match self.turn().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, shard = self.shard.number(), "could not look for timers");
                    LOOK
                }
            };
            let figures = self.parts.figures.clone();
            tokio::select! {
                () = sleep(pause) => {}
                () = figures.woken(self.shard) => {}
                changed = self.assigned.changed() => if changed.is_err() { return },
            }
        }
    }

    /// One look at the shard, if it is ours. Answers how long nothing is to be done.
    async fn turn(&mut self) -> Result<Duration, StoreError> {
        let is_mine = self.assigned.borrow_and_update().contains(&self.shard);
        if !is_mine {
            self.give_back().await?;
            return Ok(LOOK_ALONE);
        }
        if !self.hold().await? {
            return Ok(LOOK);
        }
        if matches!(self.parts.settings, Settings::Alone) {
            // Set before looking: what is put from now on wakes us, however late it is, what was put before is found.
            self.parts.figures.looks_at(self.shard, EVER);
        }
        let next = self.look().await?;
        self.write_watermark().await?;
        self.pause(next).await
    }

    /// Takes or keeps the shard; whether it is held now.
    async fn hold(&mut self) -> Result<bool, StoreError> {
        let is_alone = matches!(self.parts.settings, Settings::Alone);
        if self.held.as_ref().is_some_and(|held| is_alone || held.renewed.elapsed() < RENEW) {
            return Ok(true);
        }
        let (renewed, now) = (Instant::now(), self.parts.clock.now());
        let (worker, until, rules) = match self.parts.settings {
            Settings::Alone => (Uuid::nil(), EVER, Rules::ALONE),
            Settings::Among(worker) => (worker, now.plus_seconds(LEASE_S), Rules::SHARED),
        };
        let taken = self.parts.store.lease(self.shard, worker, now, until).await?;
        match (taken, &mut self.held) {
            (None, _) => self.lose(),
            (Some(lease), Some(held)) if held.lease.epoch == lease.epoch => held.renewed = renewed,
            (Some(lease), _) => {
                self.lose();
                let plan = Plan::taken(lease.watermark, rules);
                self.held = Some(Held { lease, renewed, plan, has_fired: false });
                self.parts.figures.has_taken();
            }
        }
        Ok(taken.is_some())
    }

    fn lose(&mut self) {
        if self.held.take().is_some() {
            self.parts.figures.has_lost(self.shard);
        }
    }

    async fn give_back(&mut self) -> Result<(), StoreError> {
        let (Some(_), Settings::Among(worker)) = (&self.held, self.parts.settings) else { return Ok(()) };
        self.lose();
        let now = self.parts.clock.now();
        self.parts.store.lease(self.shard, worker, now, now).await.map(drop)
    }

    /// Fires what is due. Answers when the next one is, if that is seen before the next look.
    async fn look(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let now = self.parts.clock.now();
        let ahead = match self.parts.settings {
            Settings::Alone => now,
            Settings::Among(_) => now.plus_millis(LOOK.as_millis() as i64),
        };
        let Some(held) = &mut self.held else { return Ok(None) };
        let epoch = held.lease.epoch;
        let again = held.plan.again(now);
        let mut look = held.plan.look(now);
        self.fire(again).await;
        let next = loop {
            let mut page = self.parts.store.due(self.shard, look.after, ahead, PAGE).await?;
            let due = page.partition_point(|timer| timer.due <= now);
            let next = page.get(due).map(|timer| timer.due);
            let is_last = page.len() < PAGE || next.is_some();
            page.truncate(due);
            let Some(held) = &mut self.held else { return Ok(None) };
            let effects = &self.parts.effects;
            let new = held.plan.take(&mut look, page, |kind| effects.knows(kind));
            self.parts.figures.set_waiting(self.shard, held.plan.waiting());
            self.fire(new).await;
            if is_last {
                break next;
            }
            self.hold().await?;
            // Who has taken the shard anew looks at it anew: this look says nothing about what others left.
            if self.held.as_ref().is_none_or(|held| held.lease.epoch != epoch) {
                return Ok(None);
            }
        };
        if let Some(held) = &mut self.held {
            held.plan.complete(&look);
            self.parts.figures.set_waiting(self.shard, held.plan.waiting());
        }
        Ok(next)
    }

    /// Fires timers, many at once, and marks what has happened.
    async fn fire(&mut self, timers: Vec<Timer>) {
        let Some(held) = &mut self.held else { return };
        let (parts, renewed) = (&self.parts, held.renewed);
        let mut outcomes = stream::iter(timers)
            .map(|timer| async move { (fire(parts, renewed, &timer).await, timer.position()) })
            .buffer_unordered(AT_ONCE);
        while let Some((has_happened, position)) = outcomes.next().await {
            if has_happened {
                held.has_fired = true;
                held.plan.done(position);
            } else {
                held.plan.failed(position, parts.clock.now());
            }
        }
    }

    /// Writes how far everything is done, seldom: who takes the shard over looks at a little too much. Alone it
    /// is of no use, because what is done is gone.
    async fn write_watermark(&mut self) -> Result<(), StoreError> {
        let (Some(held), Settings::Among(_)) = (&mut self.held, self.parts.settings) else { return Ok(()) };
        let watermark = held.plan.watermark();
        let moved = watermark.micros() - held.lease.watermark.micros();
        let enough = if held.has_fired { WRITTEN_EVERY_S } else { WRITTEN_AT_REST_S };
        if moved < enough * 1_000_000 {
            return Ok(());
        }
        let lease = Lease { watermark, ..held.lease };
        match self.parts.store.advance(&lease).await? {
            Change::Done => {
                held.lease = lease;
                held.has_fired = false;
            }
            Change::AlreadySo => self.lose(),
        }
        Ok(())
    }

    /// How long nothing is due, as far as is known here. Whoever puts a timer in this process says so.
    async fn pause(&self, soon: Option<Timestamp>) -> Result<Duration, StoreError> {
        let now = self.parts.clock.now();
        let next_try = self.held.as_ref().and_then(|held| held.plan.next_try());
        let (mut pause, mut least, mut next) = (LOOK, LOOK_AT_MOST, next_try.into_iter().chain(soon).min());
        if matches!(self.parts.settings, Settings::Alone) {
            (pause, least) = (LOOK_ALONE, Duration::ZERO);
            let after = (now, TimerId::from_uuid(Uuid::max()));
            let found = self.parts.store.due(self.shard, after, EVER, 1).await?;
            next = next.into_iter().chain(found.first().map(|timer| timer.due)).min();
        }
        let until_next = next.map(|at| u64::try_from(at.micros() - now.micros()).unwrap_or(0));
        let pause = until_next.map_or(pause, |micros| pause.min(least.max(Duration::from_micros(micros))));
        let looks_at = now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        self.parts.figures.looks_at(self.shard, looks_at);
        Ok(pause)
    }
}

/// Whether it has happened and is marked.
async fn fire(parts: &Parts, renewed: Instant, timer: &Timer) -> bool {
    if matches!(parts.settings, Settings::Among(_)) && renewed.elapsed() > TRUSTED {
        return false;
    }
    match timeout(PATIENCE, attempt(parts, timer)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            parts.figures.has_failed();
            tracing::warn!(%error, timer.id = %timer.id, "a timer of kind {} is tried again", timer.kind);
            false
        }
        Err(_) => {
            parts.figures.has_failed();
            tracing::warn!(timer.id = %timer.id, "a timer of kind {} takes too long", timer.kind);
            false
        }
    }
}

async fn attempt(parts: &Parts, timer: &Timer) -> Result<(), AppError> {
    let now = parts.clock.now();
    parts.effects.fire(timer).await?;
    parts.store.done(timer).await?;
    parts.figures.has_fired(timer.due, now);
    Ok(())
}
