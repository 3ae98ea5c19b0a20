//! Checks from the numbers in deliveries and answers that nothing was lost, doubled or reordered.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

/// What went wrong, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Violations {
    /// Never came.
    pub lost: u64,
    /// Came again.
    pub doubled: u64,
    /// Came after a later one.
    pub reordered: u64,
    /// Has another text or number than it was acknowledged with.
    pub altered: u64,
    /// Came to somebody who is not in the chat.
    pub leaked: u64,
}

impl Violations {
    pub fn none(&self) -> bool {
        *self == Self::default()
    }
}

/// What must be true of one chat.
#[derive(Default)]
struct ChatBook {
    /// The newest number before the run.
    base: i64,
    /// Body number of `base + 1`, `base + 2` …, as far as anybody has told.
    bodies: Vec<Option<u64>>,
    /// Numbers of the acknowledged bodies.
    acknowledged: HashMap<u64, i64>,
}

impl ChatBook {
    /// Notes that `seq` holds `number`; `false` if somebody said otherwise before.
    fn agree(&mut self, seq: i64, number: u64) -> bool {
        let Ok(place) = usize::try_from(seq - self.base - 1) else { return false };
        if place >= self.bodies.len() {
            self.bodies.resize(place + 1, None);
        }
        *self.bodies[place].get_or_insert(number) == number
    }

    fn head(&self) -> i64 {
        self.base + self.bodies.len() as i64
    }
}

/// Where one listener is in one chat.
#[derive(Default)]
struct Track {
    next: i64,
    missing: HashSet<i64>,
}

/// The books of one run. Chats and listeners are named by small numbers.
#[derive(Default)]
pub struct Checker {
    chats: Vec<ChatBook>,
    tracks: HashMap<(u32, u32), Track>,
    found: Violations,
    deliveries: u64,
}

impl Checker {
    /// Adds a chat whose newest number is `head` and to which these listeners belong.
    pub fn chat(&mut self, head: i64, listeners: impl IntoIterator<Item = usize>) -> usize {
        let chat = self.chats.len();
        self.chats.push(ChatBook { base: head, ..ChatBook::default() });
        for listener in listeners {
            let track = Track { next: head + 1, missing: HashSet::new() };
            self.tracks.insert((listener as u32, chat as u32), track);
        }
        chat
    }

    /// The server acknowledged this body under this number.
    pub fn acknowledged(&mut self, chat: usize, seq: i64, number: u64) {
        let book = &mut self.chats[chat];
        let first = book.acknowledged.insert(number, seq).is_none();
        self.found.doubled += u64::from(!first);
        self.found.altered += u64::from(!book.agree(seq, number));
    }

    /// A listener got this body under this number.
    pub fn delivered(&mut self, listener: usize, chat: usize, seq: i64, number: u64) {
        self.deliveries += 1;
        self.found.altered += u64::from(!self.chats[chat].agree(seq, number));
        let Some(track) = self.tracks.get_mut(&(listener as u32, chat as u32)) else {
            self.found.leaked += 1;
            return;
        };
        if seq == track.next {
            track.next += 1;
        } else if seq > track.next {
            track.missing.extend(track.next..seq);
            track.next = seq + 1;
        } else if track.missing.remove(&seq) {
            self.found.reordered += 1;
        } else {
            self.found.doubled += 1;
        }
    }

    /// Something came that fits no chat of the run.
    pub fn stray(&mut self) {
        self.found.leaked += 1;
    }

    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// The first number of the run and the newest, in a chat.
    pub fn range(&self, chat: usize) -> (i64, i64) {
        (self.chats[chat].base + 1, self.chats[chat].head())
    }

    /// The body that this number of a chat holds, if the run has put it there.
    pub fn number_of(&self, chat: usize, seq: i64) -> Option<u64> {
        let book = &self.chats[chat];
        let place = usize::try_from(seq - book.base - 1).ok()?;
        *book.bodies.get(place)?
    }

    /// What is wrong now: everything acknowledged must be known under exactly one number and be with everybody.
    pub fn violations(&self) -> Violations {
        let mut found = self.found.clone();
        for book in &self.chats {
            found.lost += book.bodies.iter().filter(|body| body.is_none()).count() as u64;
            let distinct: HashSet<u64> = book.bodies.iter().flatten().copied().collect();
            found.doubled += (book.bodies.iter().flatten().count() - distinct.len()) as u64;
        }
        for ((_, chat), track) in &self.tracks {
            let behind = self.chats[*chat as usize].head() + 1 - track.next;
            found.lost += track.missing.len() as u64 + behind.max(0) as u64;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One chat whose newest number is 4, listeners 0 and 1; three bodies acknowledged as 5, 6, 7.
    fn three_posts() -> Checker {
        let mut checker = Checker::default();
        let chat = checker.chat(4, [0, 1]);
        for (seq, number) in [(5, 100), (6, 101), (7, 102)] {
            checker.acknowledged(chat, seq, number);
        }
        checker
    }

    fn deliver(checker: &mut Checker, listener: usize, seqs: &[i64]) {
        for &seq in seqs {
            checker.delivered(listener, 0, seq, 95 + seq as u64);
        }
    }

    #[test]
    fn a_clean_run_has_no_violations() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 6, 7]);
        deliver(&mut checker, 1, &[5, 6, 7]);
        assert_eq!(checker.deliveries(), 6);
        assert!(checker.violations().none());
    }

    #[test]
    fn a_gap_and_a_missing_end_are_lost() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 7]);
        deliver(&mut checker, 1, &[5]);
        assert_eq!(checker.violations(), Violations { lost: 3, ..Violations::default() });
    }

    #[test]
    fn a_repeat_is_doubled() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 6, 6, 7]);
        deliver(&mut checker, 1, &[5, 6, 7, 5]);
        assert_eq!(checker.violations(), Violations { doubled: 2, ..Violations::default() });
    }

    #[test]
    fn an_overtaken_message_is_reordered_and_not_lost() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 7, 6]);
        deliver(&mut checker, 1, &[5, 6, 7]);
        assert_eq!(checker.violations(), Violations { reordered: 1, ..Violations::default() });
    }

    #[test]
    fn another_body_under_a_number_is_altered() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 6, 7]);
        deliver(&mut checker, 1, &[5, 6]);
        checker.delivered(1, 0, 7, 999);
        assert_eq!(checker.violations(), Violations { altered: 1, ..Violations::default() });
    }

    #[test]
    fn a_stranger_must_hear_nothing() {
        let mut checker = three_posts();
        deliver(&mut checker, 0, &[5, 6, 7]);
        deliver(&mut checker, 1, &[5, 6, 7]);
        deliver(&mut checker, 2, &[7]);
        assert_eq!(checker.violations(), Violations { leaked: 1, ..Violations::default() });
    }

    #[test]
    fn one_body_under_two_numbers_is_doubled() {
        let mut checker = Checker::default();
        let chat = checker.chat(-1, []);
        checker.acknowledged(chat, 0, 7);
        checker.acknowledged(chat, 1, 7);
        assert_eq!(checker.violations().doubled, 2, "once by the answer, once in the log");
    }

    #[test]
    fn a_number_nobody_filled_is_lost() {
        let mut checker = Checker::default();
        let chat = checker.chat(-1, []);
        checker.acknowledged(chat, 0, 7);
        checker.acknowledged(chat, 2, 8);
        assert_eq!(checker.violations(), Violations { lost: 1, ..Violations::default() });
    }
}
