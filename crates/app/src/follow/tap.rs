//! What the followers of this process hear of commits that were made in it.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;
use petit_domain::{ChatId, Head};
use petit_ports::{Commit, CommitEntry, CommitObserver};
use tokio::sync::Notify;

use super::{Follower, Lag};

/// What was written to a chat without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) before: Head,
    pub(super) to: Head,
    /// Whose business it is: a bit for each follower.
    pub(super) cares: u64,
}

/// The followers of this process: what they are told, and how far behind they are.
#[derive(Default)]
pub struct Follow {
    followers: OnceLock<Vec<Arc<dyn Follower>>>,
    heard: Mutex<HashMap<ChatId, Run>>,
    pub(super) woken: Notify,
    lags: Mutex<Vec<(&'static str, Lag)>>,
}

impl Follow {
    /// How far each follower of this process is behind in the shards it has; empty where none runs.
    pub fn lags(&self) -> Vec<(&'static str, Lag)> {
        self.lags.lock().clone()
    }

    pub(super) fn set_lags(&self, lags: Vec<(&'static str, Lag)>) {
        *self.lags.lock() = lags;
    }

    /// An observer that tells followers too.
    pub(crate) fn in_front_of(
        self: &Arc<Self>,
        observer: Arc<dyn CommitObserver>,
    ) -> Arc<dyn CommitObserver> {
        Arc::new(Both { follow: self.clone(), observer })
    }

    /// From now on these are told. Once for each process.
    pub(super) fn open(&self, followers: Vec<Arc<dyn Follower>>) {
        // A second call would be a second worker in one process: the first one goes on.
        let _ = self.followers.set(followers);
    }

    /// Who has to read wakes the worker; who passes by is noted until it looks.
    fn note(&self, commit: &Commit) {
        let Some(followers) = self.followers.get() else { return };
        let cares = followers
            .iter()
            .enumerate()
            .fold(0, |cares, (n, one)| cares | (u64::from(one.cares(commit)) << n));
        let run = Run { before: before(commit), to: commit.head, cares };
        let mut heard = self.heard.lock();
        heard.entry(commit.chat).and_modify(|so_far| so_far.goes_on(run)).or_insert(run);
        drop(heard);
        if cares != 0 {
            self.woken.notify_one();
        }
    }

    pub(super) fn take(&self) -> Vec<(ChatId, Run)> {
        std::mem::take(&mut *self.heard.lock()).into_iter().collect()
    }
}

impl Run {
    fn goes_on(&mut self, next: Self) {
        let has_gap = self.to != next.before;
        self.cares |= if has_gap { u64::MAX } else { next.cares };
        self.to = next.to;
    }
}

/// The head before an entry was written.
fn before(commit: &Commit) -> Head {
    let Head { seq, cseq } = commit.head;
    match &commit.entry {
        CommitEntry::Message(_, change) => Head { seq: seq - 1, cseq: cseq - i64::from(change.is_some()) },
        CommitEntry::Revision(..) | CommitEntry::Change(_) => Head { seq, cseq: cseq - 1 },
    }
}

struct Both {
    follow: Arc<Follow>,
    observer: Arc<dyn CommitObserver>,
}

impl CommitObserver for Both {
    fn committed(&self, commit: Commit) {
        self.follow.note(&commit);
        self.observer.committed(commit);
    }
}
