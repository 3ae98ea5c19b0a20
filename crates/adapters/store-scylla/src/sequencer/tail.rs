use std::collections::{HashMap, VecDeque};

use petit_domain::{ClientId, UserId};

/// The newest messages of a chat by what their senders call them: whatever is above its floor is in it.
#[derive(Debug)]
pub struct Tail {
    floor: i64,
    kept: usize,
    by_key: HashMap<(UserId, ClientId), i64>,
    in_order: VecDeque<(i64, UserId, ClientId)>,
}

impl Tail {
    /// Remembers what comes above `floor`, and more than `kept` messages only where it must.
    pub fn above(floor: i64, kept: usize) -> Self {
        Self { floor, kept, by_key: HashMap::new(), in_order: VecDeque::new() }
    }

    /// Everything above this number is remembered.
    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// The number of this sender's message.
    pub fn find(&self, author: UserId, client_id: &ClientId) -> Option<i64> {
        self.by_key.get(&(author, client_id.clone())).copied()
    }

    /// Remembers a message. Again is fine.
    pub fn put(&mut self, author: UserId, client_id: ClientId, seq: i64) {
        if self.by_key.insert((author, client_id.clone()), seq).is_none() {
            self.in_order.push_back((seq, author, client_id));
        }
    }

    /// Forgets old messages, but none above `sent`.
    pub fn trim(&mut self, sent: i64) {
        while self.in_order.len() > self.kept && self.in_order.front().is_some_and(|(seq, ..)| *seq <= sent) {
            if let Some((seq, author, client_id)) = self.in_order.pop_front() {
                self.by_key.remove(&(author, client_id));
                self.floor = seq;
            }
        }
    }
}
