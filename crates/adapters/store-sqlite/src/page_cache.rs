use std::{
    collections::HashMap,
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

/// `None`: asked for once. Only what is asked for again is worth keeping.
type Pages = HashMap<(PageAtKey, usize), Option<Arc<Vec<Message>>>>;
type PageAtKey = (u8, i64);

/// Pages that many people ask for at once, kept until the next entry of their chat. Never stale: a page
/// is kept only if nothing was committed while it was read, and dropped before a writer is answered.
#[derive(Default)]
pub(crate) struct PageCache {
    commits: AtomicU64,
    reads: AtomicU64,
    chats: Mutex<HashMap<ChatId, Pages>>,
}

impl PageCache {
    /// Whatever is kept of these chats is old now.
    pub(crate) fn committed(&self, chats: impl Iterator<Item = ChatId>) {
        let mut kept = self.chats.lock();
        self.commits.fetch_add(1, Ordering::Release);
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
        let key = (page_key(at), limit);
        let kept = self.chats.lock().get(&chat).and_then(|pages| pages.get(&key).cloned());
        if let Some(Some(page)) = kept {
            return Ok(page.as_ref().clone());
        }
        let before = self.commits.load(Ordering::Acquire);
        self.reads.fetch_add(1, Ordering::Relaxed);
        let page = read()?;
        self.keep(chat, key, before, &page);
        Ok(page)
    }

    fn keep(&self, chat: ChatId, key: (PageAtKey, usize), before: u64, page: &[Message]) {
        let mut kept = self.chats.lock();
        if self.commits.load(Ordering::Acquire) != before {
            return;
        }
        if kept.len() >= CHATS {
            kept.clear();
        }
        let pages = kept.entry(chat).or_default();
        if pages.len() >= PAGES_OF_A_CHAT {
            pages.clear();
        }
        let again = pages.contains_key(&key);
        pages.insert(key, again.then(|| Arc::new(page.to_vec())));
    }

    /// How many pages were read from the database.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}

fn page_key(at: PageAt) -> PageAtKey {
    match at {
        PageAt::Newest => (0, 0),
        PageAt::Before(seq) => (1, seq),
        PageAt::After(seq) => (2, seq),
        PageAt::Around(seq) => (3, seq),
    }
}
