use std::collections::HashMap;

use parking_lot::Mutex;
use petit_domain::ChatId;

/// When this many are remembered, all are forgotten: a bound, not a policy.
const REMEMBERED: usize = 100_000;

/// The part that was written last, as far as this process has seen. It only rises, so an old value is a
/// good place to begin.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<ChatId, i64>>);

impl Buckets {
    pub(crate) fn get(&self, chat: ChatId) -> Option<i64> {
        self.0.lock().get(&chat).copied()
    }

    pub(crate) fn put(&self, chat: ChatId, bucket: i64) {
        let mut known = self.0.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(chat, bucket);
    }
}
