use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use petit_domain::{ChatId, Message};
use petit_ports::{Commit, CommitEntry, PageAt};

/// When pages of this many chats are kept, all are dropped: a bound, not a policy.
const CHATS: usize = 256;
const PAGES_OF_A_CHAT: usize = 8;

/// A page that was asked for at least once. Locked while it is read, so that those who ask at once
/// wait for one read.
type Slot = Arc<Mutex<Option<Arc<Vec<Message>>>>>;
type Pages = HashMap<(PageAt, usize), Slot>;

/// Pages that many people ask for at once, kept until the next message of their chat. A message that was revised takes its
/// place in them.
///
/// Never stale: a commit takes the chat's slots away, or puts them right, before its writer is answered. Who found a slot
/// before that asked before the answer and may get the page as it was; nobody finds it so afterwards.
#[derive(Default)]
pub(crate) struct PageCache {
    reads: AtomicU64,
    chats: Mutex<HashMap<ChatId, Pages>>,
}

impl PageCache {
    /// Whatever is kept of these chats is old now, but for what was only revised.
    pub(crate) fn committed(&self, commits: &[Commit]) {
        let mut kept = self.chats.lock();
        if kept.is_empty() {
            return;
        }
        for commit in commits {
            match &commit.entry {
                CommitEntry::Revision(_, message) => {
                    kept.entry(commit.chat)
                        .and_modify(|pages| pages.retain(|_, page| revised(page, message)));
                }
                CommitEntry::Message(..) | CommitEntry::Change(_) => drop(kept.remove(&commit.chat)),
            }
        }
    }

    /// The page, from memory or else by `read`.
    pub(crate) fn get<E>(
        &self,
        chat: ChatId,
        at: PageAt,
        limit: usize,
        read: impl FnOnce() -> Result<Vec<Message>, E>,
    ) -> Result<Vec<Message>, E> {
        let Some(slot) = self.slot(chat, (at, limit)) else { return self.read(read) };
        let mut page = slot.lock();
        let page = match &*page {
            Some(page) => page.clone(),
            None => page.insert(Arc::new(self.read(read)?)).clone(),
        };
        Ok(page.to_vec())
    }

    /// Where the page is kept, or `None` if it is asked for the first time: only what is asked for again
    /// is worth keeping.
    fn slot(&self, chat: ChatId, key: (PageAt, usize)) -> Option<Slot> {
        let mut kept = self.chats.lock();
        if kept.len() >= CHATS && !kept.contains_key(&chat) {
            kept.clear();
        }
        let pages = kept.entry(chat).or_default();
        if pages.len() >= PAGES_OF_A_CHAT && !pages.contains_key(&key) {
            pages.clear();
        }
        match pages.entry(key) {
            Entry::Occupied(slot) => Some(slot.get().clone()),
            Entry::Vacant(place) => {
                place.insert(Slot::default());
                None
            }
        }
    }

    fn read<T>(&self, read: impl FnOnce() -> T) -> T {
        self.reads.fetch_add(1, Ordering::Relaxed);
        read()
    }

    /// How many pages were read from the database.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}

/// Puts a message that was revised into a page. `false`: the page is being read right now, and nobody knows whether that
/// sees the revision.
fn revised(page: &Slot, message: &Message) -> bool {
    let Some(mut page) = page.try_lock() else { return false };
    if let Some(page) = &mut *page
        && let Some(place) = page.iter().position(|one| one.seq == message.seq)
    {
        Arc::make_mut(page)[place] = message.clone();
    }
    true
}
