use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use petit_domain::{ChatId, Head, Timestamp};
use petit_ports::FollowerLease;
use uuid::Uuid;

/// When there is news of this many chats, nobody seems to ask for it: it is forgotten.
const KEPT: usize = 100_000;

/// What workers of this process know of each other.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) leases: Mutex<HashMap<u16, FollowerLease>>,
    pub(crate) workers: Mutex<BTreeMap<Uuid, Timestamp>>,
    pub(crate) news: Mutex<HashMap<ChatId, Head>>,
}

impl Desk {
    /// Notes what was written.
    pub(crate) fn note(&self, chat: ChatId, head: Head) {
        let mut news = self.news.lock();
        if news.len() >= KEPT {
            news.clear();
        }
        news.insert(chat, head);
    }
}
