use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use petit_domain::{ClientId, UserId};
use petit_ports::NewMessage;

/// The messages of a chat by what their senders call them: whatever is above its floor is in it. Of what is
/// below it may know at least the names, or that there is nothing.
#[derive(Debug)]
pub struct Tail {
    floor: i64,
    kept: usize,
    by_key: HashMap<(UserId, ClientId), i64>,
    in_order: VecDeque<(i64, UserId, ClientId)>,
    /// Hashes of all names up to the floor; `None` if some are not known.
    older: Option<HashSet<u64>>,
    most: usize,
}

impl Tail {
    /// Remembers what comes above `floor`, and more than `kept` messages only where it must. Of what it
    /// forgets it keeps the names, as long as these are no more than `most`.
    pub fn above(floor: i64, kept: usize, most: usize) -> Self {
        let older = (floor < 0).then(HashSet::new);
        Self { floor, kept, by_key: HashMap::new(), in_order: VecDeque::new(), older, most }
    }

    /// The number of this sender's message.
    pub fn find(&self, author: UserId, client_id: &ClientId) -> Option<i64> {
        self.by_key.get(&(author, client_id.clone())).copied()
    }

    /// Whether it is certain that no message up to the floor is this one: it was looked for in the index when
    /// that was complete up to `checked`, or the names down there rule it out.
    pub fn is_settled(&self, checked: Option<i64>, new: &NewMessage) -> bool {
        let was_found_missing = checked.is_some_and(|checked| checked >= self.floor);
        let is_no_name = |older: &HashSet<u64>| !older.contains(&hash(new.author, &new.client_id));
        was_found_missing || self.older.as_ref().is_some_and(is_no_name)
    }

    /// Whether all names up to the floor are known.
    pub fn knows_all(&self) -> bool {
        self.older.is_some()
    }

    /// Takes in the names of all messages up to the floor, and maybe of others.
    pub fn recall(&mut self, names: &[(UserId, ClientId)]) {
        let hashes = names.iter().map(|(author, client_id)| hash(*author, client_id));
        self.older = (names.len() <= self.most).then(|| hashes.collect());
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
                self.older = self.older.take().filter(|older| older.len() < self.most);
                self.older.as_mut().map(|older| older.insert(hash(author, &client_id)));
                self.by_key.remove(&(author, client_id));
                self.floor = seq;
            }
        }
    }
}

/// Two names with one hash cost a question, nothing else.
fn hash(author: UserId, client_id: &ClientId) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((author, client_id))
}
