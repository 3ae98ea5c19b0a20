//! The worker: holds shards, hears what was written, reads on and advances.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::{FollowerLease, PageAt, StoreError, chat_shard};
use tokio::{
    sync::{mpsc, oneshot},
    task::{Id, JoinError, JoinSet},
    time::{MissedTickBehavior, interval},
};
use uuid::Uuid;

use super::{
    Batch, Follower,
    plan::{Key, Plan},
    scan::scan,
    shares::share,
};
use crate::{App, AppError};

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often it asks for news and writes positions.
    pub tick: Duration,
    /// How many seconds a shard is lent to it; it asks again after a third of them.
    pub lease_s: i64,
    /// How long after a look through all chats it looks again.
    pub look_again: Duration,
    /// How long it rests between two pages of such a look.
    pub look_pause: Duration,
    /// How many chats it follows at a time.
    pub at_once: usize,
    /// How many entries it reads together.
    pub page: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tick: Duration::from_secs(1),
            lease_s: 30,
            look_again: Duration::from_secs(600),
            look_pause: Duration::from_millis(100),
            at_once: 8,
            page: 200,
        }
    }
}

/// A worker that runs.
pub struct Following {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Following {
    /// Writes the positions, gives the shards back and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }

    /// Ends in the middle, as a crash would.
    pub fn crash(self) {
        self.task.abort();
    }
}

/// Starts following. One for each process.
pub fn start(app: Arc<App>, followers: Vec<Arc<dyn Follower>>, settings: Settings) -> Following {
    let (stop, stopped) = oneshot::channel();
    app.follow().open(followers.clone());
    let worker = Worker::new(app, followers, settings);
    Following { stop, task: tokio::spawn(worker.run(stopped)) }
}

/// Where an attempt came to, and whether that is the end of the log.
type Reached = Result<(Head, bool), AppError>;

struct Worker {
    app: Arc<App>,
    followers: Vec<Arc<dyn Follower>>,
    names: Arc<[&'static str]>,
    settings: Settings,
    me: Uuid,
    plan: Plan,
    held: BTreeMap<u16, FollowerLease>,
    ask_again: Timestamp,
    attempts: JoinSet<Reached>,
    begun: HashMap<Id, Key>,
    look: Look,
}

/// The look through all chats.
struct Look {
    /// Shards that were taken and not looked through.
    new: BTreeSet<u16>,
    running: Option<tokio::task::JoinHandle<Result<(), StoreError>>>,
    over: BTreeSet<u16>,
    next: tokio::time::Instant,
    tell: mpsc::Sender<(Key, Head)>,
    found: mpsc::Receiver<(Key, Head)>,
}

impl Worker {
    fn new(app: Arc<App>, followers: Vec<Arc<dyn Follower>>, settings: Settings) -> Self {
        let me = Uuid::from_u64_pair(app.random().next_u64(), app.random().next_u64());
        let names = followers.iter().map(|follower| follower.name()).collect();
        let (tell, found) = mpsc::channel(1_000);
        let next = tokio::time::Instant::now() + settings.look_again;
        let look = Look { new: BTreeSet::new(), running: None, over: BTreeSet::new(), next, tell, found };
        Self {
            app,
            followers,
            names,
            settings,
            me,
            plan: Plan::default(),
            held: BTreeMap::new(),
            ask_again: Timestamp::from_micros(0),
            attempts: JoinSet::new(),
            begun: HashMap::new(),
            look,
        }
    }

    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let app = self.app.clone();
        let mut tick = interval(self.settings.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                () = app.follow().woken.notified() => {}
                _ = tick.tick() => self.tick().await,
                Some((key, head)) = self.look.found.recv() => self.hear(key, head),
                Some(ended) = self.attempts.join_next_with_id() => self.end(ended),
            }
            self.listen();
            self.begin();
        }
        self.leave().await;
    }

    async fn tick(&mut self) {
        let now = self.app.now();
        if now >= self.ask_again {
            self.ask_again = now.plus_seconds(self.settings.lease_s / 3);
            warn(self.take_shards(now).await, "could not take shards of chats");
        }
        self.lose_what_is_over(now);
        warn(self.ask_for_news().await, "could not ask for news of chats");
        warn(self.write_positions().await, "could not write positions");
        self.look_through().await;
        let lags = self.names.iter().enumerate().map(|(n, name)| (*name, self.plan.lag(n, now))).collect();
        self.app.follow().set_lags(lags);
    }

    async fn take_shards(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let until = now.plus_seconds(self.settings.lease_s);
        let store = self.app.store().followers.clone();
        let workers = store.attend(self.me, now, until).await?;
        let wanted = share(self.me, &workers);
        let surplus: Vec<u16> = self.held.keys().copied().filter(|shard| !wanted.contains(shard)).collect();
        if !surplus.is_empty() {
            self.write_positions().await?;
        }
        for shard in surplus {
            self.lose(shard);
            store.release(shard, self.me).await?;
        }
        for shard in wanted {
            match store.lease(shard, self.me, now, until).await? {
                Some(lease) => {
                    let before = self.held.insert(shard, lease);
                    if before.is_none_or(|before| before.token != lease.token) {
                        self.look.new.insert(shard);
                    }
                }
                None => self.lose(shard),
            }
        }
        Ok(())
    }

    fn lose_what_is_over(&mut self, now: Timestamp) {
        let over: Vec<u16> =
            self.held.iter().filter(|(_, lease)| lease.until <= now).map(|(shard, _)| *shard).collect();
        over.into_iter().for_each(|shard| self.lose(shard));
    }

    fn lose(&mut self, shard: u16) {
        self.held.remove(&shard);
        self.look.new.remove(&shard);
        self.plan.forget(shard);
    }

    async fn ask_for_news(&mut self) -> Result<(), StoreError> {
        let shards: Vec<u16> = self.held.keys().copied().collect();
        if shards.is_empty() {
            return Ok(());
        }
        let news = self.app.store().followers.news(&shards).await?;
        // Of this process it is known already, and what is nobody's business was passed by.
        self.listen();
        for (chat, head) in news {
            for follower in 0..self.followers.len() {
                self.hear((follower, chat), head);
            }
        }
        Ok(())
    }

    async fn write_positions(&mut self) -> Result<(), StoreError> {
        let unwritten = self.plan.take_unwritten();
        for (n, name) in self.names.iter().enumerate() {
            let mine = unwritten.iter().filter(|((follower, _), _)| *follower == n);
            let to: Vec<(ChatId, Head)> = mine.map(|((_, chat), head)| (*chat, *head)).collect();
            if to.is_empty() {
                continue;
            }
            if let Err(error) = self.app.store().followers.advance(name, &to).await {
                self.plan.keep_unwritten(&unwritten);
                return Err(error);
            }
        }
        Ok(())
    }

    /// New shards at once; everything at leisure.
    async fn look_through(&mut self) {
        if self.look.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        let over = std::mem::take(&mut self.look.over);
        if let Some(running) = self.look.running.take()
            && !matches!(running.await, Ok(Ok(())))
        {
            tracing::warn!("could not look through all chats");
            let held = &self.held;
            self.look.new.extend(over.into_iter().filter(|shard| held.contains_key(shard)));
        }
        let is_due = tokio::time::Instant::now() >= self.look.next;
        let shards = match is_due {
            true => self.held.keys().copied().collect(),
            false => std::mem::take(&mut self.look.new),
        };
        if shards.is_empty() {
            return;
        }
        if is_due {
            self.look.next = tokio::time::Instant::now() + self.settings.look_again;
        }
        self.look.over.clone_from(&shards);
        let (store, names, tell) = (self.app.store().clone(), self.names.clone(), self.look.tell.clone());
        self.look.running = Some(tokio::spawn(scan(store, names, shards, self.settings.look_pause, tell)));
    }

    fn hear(&mut self, key: Key, head: Head) {
        if self.held.contains_key(&chat_shard(key.1)) {
            self.plan.heard(key, head, self.app.now());
        }
    }

    /// What was written in this process. Shards of other workers hear of it by their news.
    fn listen(&mut self) {
        let now = self.app.now();
        for (chat, run) in self.app.follow().take() {
            if !self.held.contains_key(&chat_shard(chat)) {
                continue;
            }
            for follower in 0..self.followers.len() {
                match (run.cares >> follower) & 1 {
                    0 => self.plan.passed((follower, chat), run.before, run.to, now),
                    _ => self.plan.heard((follower, chat), run.to, now),
                }
            }
        }
    }

    fn begin(&mut self) {
        while self.attempts.len() < self.settings.at_once {
            let Some((key, from)) = self.plan.next(self.app.now()) else { return };
            let (app, follower, page) = (self.app.clone(), self.followers[key.0].clone(), self.settings.page);
            let attempt =
                self.attempts.spawn(async move { follow(&app, &*follower, key.1, from, page).await });
            self.begun.insert(attempt.id(), key);
        }
    }

    fn end(&mut self, ended: Result<(Id, Reached), JoinError>) {
        let now = self.app.now();
        let (attempt, outcome) = match ended {
            Ok((attempt, outcome)) => (attempt, outcome),
            Err(broken) => (broken.id(), Err(AppError::Internal(Box::new(broken)))),
        };
        let Some(key) = self.begun.remove(&attempt) else { return };
        match outcome {
            Ok((reached, is_at_end)) => self.plan.ended(key, reached, is_at_end, now),
            Err(error) => {
                let (follower, chat) = (self.names[key.0], key.1);
                tracing::warn!(%error, chat.id = %chat, "{follower} could not follow chat {chat}");
                self.plan.failed(key, now);
            }
        }
    }

    async fn leave(mut self) {
        while let Some(ended) = self.attempts.join_next_with_id().await {
            self.end(ended);
        }
        warn(self.write_positions().await, "could not write positions");
        if let Some(running) = self.look.running.take() {
            running.abort();
        }
        for shard in self.held.keys() {
            let released = self.app.store().followers.release(*shard, self.me).await;
            warn(released, "could not give a shard of chats back");
        }
    }
}

fn warn(outcome: Result<(), StoreError>, what: &str) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "{what}");
    }
}

/// Reads on from a position, and has what was read taken in. Answers the position after it, and whether it is the
/// end of the log.
async fn follow(
    app: &App,
    follower: &dyn Follower,
    chat: ChatId,
    from: Option<Head>,
    page: usize,
) -> Result<(Head, bool), AppError> {
    let store = app.store();
    let from = match from {
        Some(from) => from,
        None => {
            store.followers.positions(follower.name(), &[chat]).await?.first().copied().unwrap_or(Head::EMPTY)
        }
    };
    let messages = store.log.page(chat, PageAt::After(from.seq), page).await?;
    let changes = store.log.changes_after(chat, from.cseq, page).await?;
    let is_at_end = messages.len() < page && changes.len() < page;
    let seq = messages.last().map_or(from.seq, |last| last.seq);
    let cseq = changes.last().map_or(from.cseq, |last| last.cseq);
    if !messages.is_empty() || !changes.is_empty() {
        follower.take(app, chat, &Batch { messages, changes }).await?;
    }
    Ok((Head { seq, cseq }, is_at_end))
}
