//! A plexer's side of what notifiers know of all plexers together.

mod heads;
mod recent;
mod reporter;
mod table;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use parking_lot::Mutex;
use petit_domain::{Presence, Timestamp, UserId};
use petit_ports::{Bus, Clock};
use petit_presence::{LocalBoard, PresenceBoard, Shown};
use tokio::{sync::Notify, task::JoinSet, time::timeout};
use tonic::Status;
use uuid::Uuid;

pub use self::heads::RemoteHeads;
use self::{recent::Recent, table::Table};
use crate::{
    Peers, Settings,
    wire::{id_bytes, presence_in, proto::WatchFrame, user_id},
};

/// How long a question may take before what this node knows has to do.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reports people to the notifier that answers for them, and asks it about them. Each person belongs to
/// one of the notifiers that answer; when one stops, its people move to the next, and who was here stays
/// here until the next has heard of everybody. While none answers, others are told what this node knows.
pub struct RemoteBoard {
    shared: Arc<Shared>,
    /// Ends with the board.
    _reporting: JoinSet<()>,
}

struct Shared {
    peers: Arc<Peers>,
    /// Each stream of reports has a name of its own, beginning at this one.
    node: Uuid,
    streams: AtomicU64,
    local: LocalBoard,
    table: Mutex<Table>,
    recent: Mutex<Recent>,
    /// One for each notifier: there is something to report.
    news: Vec<Notify>,
    settings: Settings,
}

impl RemoteBoard {
    /// A board over these notifiers. `node` names this run of the process; `bus` tells changes while no
    /// notifier answers. Needs a tokio runtime.
    pub fn start(
        peers: Arc<Peers>,
        node: Uuid,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
    ) -> Self {
        let local = LocalBoard::new(bus, clock, settings.offline_after, settings.presence_every);
        let addresses = peers.all().iter().map(|peer| peer.address.clone()).collect();
        let keep = settings.offline_after + settings.lease;
        let news = peers.all().iter().map(|_| Notify::new()).collect();
        let table = Mutex::new(Table::new(addresses, keep));
        // A plexer may notice a lease later than others that a notifier is gone, and reports then.
        let settle = settings.lease * 2;
        let recent = Mutex::new(Recent::new(settle, settings.offline_after + settle));
        let (streams, settings) = (AtomicU64::new(0), settings.clone());
        let shared = Arc::new(Shared { peers, node, streams, local, table, recent, news, settings });
        let mut reporting = JoinSet::new();
        for peer in 0..shared.peers.len() {
            reporting.spawn(reporter::run(shared.clone(), peer));
        }
        Self { shared, _reporting: reporting }
    }

    /// How many notifiers answer.
    pub fn connected(&self) -> usize {
        self.shared.table.lock().living()
    }
}

#[async_trait]
impl PresenceBoard for RemoteBoard {
    async fn report(&self, user: UserId, presence: Presence) {
        let told = self.shared.local.observe(user, presence);
        let (owner, alone) = {
            let mut table = self.shared.table.lock();
            (table.report(user, presence, std::time::Instant::now()), !table.any_lives())
        };
        if let Some(owner) = owner {
            self.shared.news[owner].notify_one();
        }
        if let Some(shown) = told.filter(|_| alone) {
            self.shared.local.tell(user, shown).await;
        }
    }

    async fn shown(&self, users: &[UserId]) -> Vec<Shown> {
        let questions = self.shared.questions(users);
        let is_alone = questions.is_empty();
        let asked = questions.into_iter().map(|(owner, users)| self.shared.ask(owner, users));
        let answers: HashMap<_, _> = join_all(asked).await.into_iter().flatten().collect();
        let (mut recent, now) = (self.shared.recent.lock(), std::time::Instant::now());
        let known = |user: &UserId| {
            let believed = match is_alone {
                true => None,
                false => recent.believe(*user, answers.get(user).copied(), now),
            };
            believed.unwrap_or_else(|| self.shared.local.shown_now(*user))
        };
        users.iter().map(known).collect()
    }

    async fn sweep(&self) {
        let due = self.shared.local.due();
        let alone = {
            let mut table = self.shared.table.lock();
            table.forget_who_left(std::time::Instant::now());
            !table.any_lives()
        };
        self.shared.recent.lock().forget_old(std::time::Instant::now());
        for (user, shown) in due.into_iter().filter(|_| alone) {
            self.shared.local.tell(user, shown).await;
        }
    }
}

impl Shared {
    /// Which notifier is asked about whom; nobody while none answers.
    fn questions(&self, users: &[UserId]) -> HashMap<usize, Vec<UserId>> {
        let mut questions: HashMap<usize, Vec<UserId>> = HashMap::new();
        let table = self.table.lock();
        for user in users {
            if let Some(owner) = table.owner(*user) {
                questions.entry(owner).or_default().push(*user);
            }
        }
        questions
    }

    /// What a notifier says of people; as much as it says in time.
    async fn ask(&self, owner: usize, users: Vec<UserId>) -> Vec<(UserId, Shown)> {
        let mut answers = Vec::with_capacity(users.len());
        match timeout(PATIENCE, self.ask_all(owner, &users, &mut answers)).await {
            Ok(Ok(())) => {}
            Ok(Err(status)) => tracing::debug!(%status, "a notifier does not say who is here"),
            Err(_) => tracing::debug!("a notifier does not say in time who is here"),
        }
        answers
    }

    async fn ask_all(
        &self,
        owner: usize,
        users: &[UserId],
        answers: &mut Vec<(UserId, Shown)>,
    ) -> Result<(), Status> {
        let ask = users.iter().map(|user| id_bytes(user.uuid())).collect();
        let question = tokio_stream::once(WatchFrame { ask, ..WatchFrame::default() });
        let mut frames = self.peers.all()[owner].client().watch_presence(question).await?.into_inner();
        while let Some(frame) = frames.message().await? {
            let Some(presence) = presence_in(frame.presence) else { continue };
            let shown = Shown { presence, since: Timestamp::from_micros(frame.since) };
            answers.push((user_id(&frame.user)?, shown));
        }
        Ok(())
    }
}
