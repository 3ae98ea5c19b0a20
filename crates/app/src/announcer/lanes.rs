use std::collections::{BTreeMap, HashMap, VecDeque};

use petit_domain::ChatId;
use tokio::sync::oneshot;

/// What waits to be told, in order in each chat, side by side among chats. No I/O.
pub(super) struct Lanes<W> {
    /// How many chats may be told of at once.
    most: usize,
    running: usize,
    next_ticket: u64,
    /// What waits of each chat that is being told of, or about to be.
    waiting: HashMap<ChatId, VecDeque<(u64, W)>>,
    /// Chats whose turn it is.
    ready: VecDeque<ChatId>,
    /// Tickets of what is not told yet, with who waits until all up to there is.
    open: BTreeMap<u64, Vec<oneshot::Sender<()>>>,
}

impl<W> Lanes<W> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            running: 0,
            next_ticket: 0,
            waiting: HashMap::new(),
            ready: VecDeque::new(),
            open: BTreeMap::new(),
        }
    }

    /// Whether nothing of the chat waits or is being told.
    pub(super) fn is_free(&self, chat: ChatId) -> bool {
        !self.waiting.contains_key(&chat)
    }

    pub(super) fn push(&mut self, chat: ChatId, work: W) {
        if self.is_free(chat) {
            self.ready.push_back(chat);
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.open.insert(ticket, Vec::new());
        self.waiting.entry(chat).or_default().push_back((ticket, work));
    }

    /// Something to be told now, beside what is being told. [`Self::done`] has to follow.
    pub(super) fn next(&mut self) -> Option<(u64, W)> {
        if self.running >= self.most {
            return None;
        }
        let chat = self.ready.pop_front()?;
        let work = self.waiting.get_mut(&chat)?.pop_front()?;
        self.running += 1;
        Some(work)
    }

    /// It was told: the chat's next is ready, behind other chats.
    pub(super) fn done(&mut self, chat: ChatId, ticket: u64) {
        self.running -= 1;
        match self.waiting.get(&chat) {
            Some(lane) if !lane.is_empty() => self.ready.push_back(chat),
            _ => drop(self.waiting.remove(&chat)),
        }
        let settled = self.open.remove(&ticket).unwrap_or_default();
        // They wait for everything before, too.
        match self.open.range_mut(..ticket).next_back() {
            Some((_, waiting)) => waiting.extend(settled),
            None => settled.into_iter().for_each(say),
        }
    }

    /// Says when everything that was pushed by now has been told.
    pub(super) fn when_settled(&mut self, done: oneshot::Sender<()>) {
        match self.open.last_entry() {
            Some(mut last) => last.get_mut().push(done),
            None => say(done),
        }
    }
}

fn say(settled: oneshot::Sender<()>) {
    // Whoever has stopped waiting is not told.
    let _ = settled.send(());
}

#[cfg(test)]
mod tests {
    use petit_domain::Timestamp;

    use super::*;

    fn chat(number: u64) -> ChatId {
        ChatId::mint(Timestamp::from_micros(1), number)
    }

    #[test]
    fn one_chat_keeps_its_order_while_others_go_on() {
        let mut lanes = Lanes::new(8);
        lanes.push(chat(1), "a1");
        lanes.push(chat(1), "a2");
        lanes.push(chat(2), "b1");
        let first = lanes.next().expect("a's first");
        assert_eq!((first.1, lanes.next().map(|(_, work)| work)), ("a1", Some("b1")));
        assert_eq!(lanes.next().map(|(_, work)| work), None, "a's second waits for its first");
        assert!(!lanes.is_free(chat(1)) && lanes.is_free(chat(3)));
        lanes.done(chat(1), first.0);
        assert_eq!(lanes.next().map(|(_, work)| work), Some("a2"));
    }

    #[test]
    fn no_more_chats_are_told_of_at_once_than_agreed() {
        let mut lanes = Lanes::new(2);
        (0..5).for_each(|number| lanes.push(chat(number), number));
        let told: Vec<_> = std::iter::from_fn(|| lanes.next()).collect();
        assert_eq!(told.len(), 2);
        lanes.done(chat(0), told[0].0);
        assert_eq!(lanes.next().map(|(_, work)| work), Some(2));
    }

    #[test]
    fn settled_is_said_when_everything_before_is_told_in_whatever_order() {
        let mut lanes = Lanes::new(8);
        let (done, mut settled) = oneshot::channel();
        lanes.when_settled(done);
        assert!(settled.try_recv().is_ok(), "nothing is open");
        (0..3).for_each(|number| lanes.push(chat(number), number));
        let (done, mut settled) = oneshot::channel();
        lanes.when_settled(done);
        lanes.push(chat(3), 3);
        let told: Vec<_> = std::iter::from_fn(|| lanes.next()).collect();
        for place in [2, 0] {
            lanes.done(chat(place), told[usize::try_from(place).expect("small")].0);
            assert!(settled.try_recv().is_err(), "not all before are told");
        }
        lanes.done(chat(1), told[1].0);
        assert!(settled.try_recv().is_ok(), "what came later does not count");
    }
}
