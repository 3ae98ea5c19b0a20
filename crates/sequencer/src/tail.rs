use std::collections::{HashMap, VecDeque};

use petit_domain::{ClientId, UserId};
use petit_ports::NewMessage;

use super::{
    Limits,
    names::{Pack, Question, hash},
};

/// Client ids already used in a chat. Above the *mark* they are known exactly; below it, where the index has
/// them, by hash alone; below that are merged eras, of which nothing is known here.
#[derive(Debug)]
pub struct Tail {
    limits: Limits,
    mark: i64,
    /// How many eras are merged.
    eras: i64,
    recent: HashMap<(UserId, ClientId), i64>,
    in_order: VecDeque<(i64, u64, UserId, ClientId)>,
    older: HashMap<u64, i64>,
    /// Names whose hash another one had before them.
    twins: Vec<(u64, i64)>,
}

impl Tail {
    /// Nothing is known but the hashes of the names from the last merged era up to the mark.
    pub fn above(mark: i64, eras: i64, names: impl IntoIterator<Item = (i64, u64)>, limits: Limits) -> Self {
        let mut tail = Self {
            limits,
            mark,
            eras,
            recent: HashMap::new(),
            in_order: VecDeque::new(),
            older: HashMap::new(),
            twins: Vec::new(),
        };
        names.into_iter().for_each(|(seq, name)| tail.settle(name, seq));
        tail
    }

    /// Every message up to this one is in the index.
    pub fn mark(&self) -> i64 {
        self.mark
    }

    /// The number of this sender's message, if it is above the mark.
    pub fn find(&self, author: UserId, client_id: &ClientId) -> Option<i64> {
        self.recent.get(&(author, client_id.clone())).copied()
    }

    /// What has to be looked at before it is certain that no message up to the mark is this one; `None`: it is
    /// certain, or that was looked at when the mark was `checked`.
    pub fn question(&self, checked: Option<i64>, new: &NewMessage) -> Option<Question> {
        if checked.is_some_and(|checked| checked >= self.mark) {
            return None;
        }
        let name = self.hash(new.author, &new.client_id);
        let twins = self.twins.iter().filter(|(twin, _)| *twin == name).map(|(_, seq)| *seq);
        let places: Vec<i64> = self.older.get(&name).copied().into_iter().chain(twins).collect();
        let has_eras = self.eras > 0;
        (has_eras || !places.is_empty()).then_some(Question { name, places, has_eras })
    }

    /// Remembers a message, in the order of their numbers. Again is fine.
    pub fn put(&mut self, author: UserId, client_id: ClientId, seq: i64) {
        if seq > self.mark && self.recent.insert((author, client_id.clone()), seq).is_none() {
            self.in_order.push_back((seq, self.hash(author, &client_id), author, client_id));
        }
    }

    /// The next names for the index, once they are enough.
    pub fn pack(&self) -> Option<Pack> {
        let size = self.limits.pack;
        let first = self.mark + 1;
        let names: Vec<u64> = (first..first + size)
            .zip(&self.in_order)
            .map_while(|(expected, (seq, name, ..))| (expected == *seq).then_some(*name))
            .collect();
        (names.len() as i64 == size).then_some(Pack { number: first / size, names })
    }

    /// The names of this pack are in the index.
    pub fn packed(&mut self, number: i64) {
        let mark = (number + 1) * self.limits.pack - 1;
        while let Some((seq, name, author, client_id)) = self.in_order.pop_front_if(|(seq, ..)| *seq <= mark)
        {
            self.recent.remove(&(author, client_id));
            self.settle(name, seq);
            self.mark = seq;
        }
    }

    /// The era whose names are all in the index and could be merged.
    pub fn ripe_era(&self) -> Option<i64> {
        ((self.eras + 1) * self.limits.era - 1 <= self.mark).then_some(self.eras)
    }

    /// This era was merged: nothing of it has to be known here any more.
    pub fn merged(&mut self, era: i64) {
        let first = (era + 1) * self.limits.era;
        self.older.retain(|_, seq| *seq >= first);
        self.twins.retain(|(_, seq)| *seq >= first);
        self.older.shrink_to_fit();
        self.eras = era + 1;
    }

    fn settle(&mut self, name: u64, seq: i64) {
        if *self.older.entry(name).or_insert(seq) != seq {
            self.twins.push((name, seq));
        }
    }

    fn hash(&self, author: UserId, client_id: &ClientId) -> u64 {
        hash(author, client_id) >> (64 - self.limits.hash_bits)
    }
}
