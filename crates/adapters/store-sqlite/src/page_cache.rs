use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use petit_domain::{ChatId, Message};
use petit_ports::PageAt;

/// When pages of this many chats are kept, all are dropped: a bound, not a policy.
const CHATS: usize = 256;
const PAGES_OF_A_CHAT: usize = 8;

/// A page that was asked for at least once. Locked while it is read, so that those who ask at once
/// wait for one read.
type Slot = Arc<Mutex<Option<Arc<Vec<Message>>>>>;
type Pages = HashMap<(PageAt, usize), Slot>;

/// Pages that many people ask for at once, kept until the next entry of their chat.
///
/// Never stale: a commit takes the chat's slots away before its writer is answered. Who found a slot
/// before that asked before the answer and may get the page as it was; nobody finds it afterwards.
#[derive(Default)]
pub(crate) struct PageCache {
    reads: AtomicU64,
    chats: Mutex<HashMap<ChatId, Pages>>,
}

impl PageCache {
    /// Whatever is kept of these chats is old now.
    pub(crate) fn committed(&self, chats: impl Iterator<Item = ChatId>) {
        let mut kept = self.chats.lock();
        if !kept.is_empty() {
            for chat in chats {
                kept.remove(&chat);
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
