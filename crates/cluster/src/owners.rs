use std::time::{Duration, Instant};

use parking_lot::Mutex;
use petit_domain::ChatId;
use sha2::{Digest, Sha256};

/// How long one that did not answer is left out.
const LEFT_OUT: Duration = Duration::from_secs(2);

/// The processes that own chats, and who of them answers.
pub(crate) struct Owners {
    addresses: Vec<String>,
    own: Option<usize>,
    left_out: Mutex<Vec<Option<Instant>>>,
}

impl Owners {
    pub(crate) fn new(addresses: &[String], own: Option<&str>) -> Self {
        let own = own.and_then(|own| addresses.iter().position(|address| address == own));
        let left_out = Mutex::new(vec![None; addresses.len()]);
        Self { addresses: addresses.to_vec(), own, left_out }
    }

    /// Who owns a chat, of those that answer: the one whose address and the chat hash highest together.
    /// `None`: this process, or nobody else.
    pub(crate) fn of(&self, chat: ChatId, now: Instant) -> Option<usize> {
        let left_out = self.left_out.lock();
        let answers = |place: &usize| left_out[*place].is_none_or(|until| until <= now);
        let places = (0..self.addresses.len()).filter(answers);
        let owner = places.max_by_key(|place| weight(&self.addresses[*place], chat));
        owner.filter(|owner| Some(*owner) != self.own)
    }

    /// This one did not answer: its chats go to the next for a while.
    pub(crate) fn leave_out(&self, place: usize, now: Instant) {
        self.left_out.lock()[place] = Some(now + LEFT_OUT);
    }
}

/// Which of the processes at these gRPC addresses a chat belongs to while all of them answer: every process
/// finds the same one. `None`: there is none.
pub fn owner(addresses: &[String], chat: ChatId) -> Option<usize> {
    (0..addresses.len()).max_by_key(|place| weight(&addresses[*place], chat))
}

fn weight(address: &str, chat: ChatId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(address);
    hash.update(chat.uuid().as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use petit_domain::Timestamp;

    use super::*;

    fn chats() -> impl Iterator<Item = ChatId> {
        (0..300).map(|n| ChatId::mint(Timestamp::from_micros(1_700_000_000_000_000), n))
    }

    fn addresses() -> Vec<String> {
        (1..=3).map(|n| format!("http://127.0.0.{n}:1")).collect()
    }

    #[test]
    fn everybody_finds_the_same_owner_and_each_has_its_share() {
        let now = Instant::now();
        let outside = Owners::new(&addresses(), None);
        for own in 0..3 {
            let inside = Owners::new(&addresses(), Some(&addresses()[own]));
            let mine = chats().filter(|chat| inside.of(*chat, now).is_none()).count();
            assert!((60..140).contains(&mine), "{mine} of 300");
            for chat in chats() {
                let owner = outside.of(chat, now).expect("somebody");
                assert_eq!(super::owner(&addresses(), chat), Some(owner));
                assert_eq!(inside.of(chat, now), (owner != own).then_some(owner));
            }
        }
    }

    #[test]
    fn chats_of_one_that_does_not_answer_move_and_come_back_and_no_others_do() {
        let (owners, now) = (Owners::new(&addresses(), None), Instant::now());
        let before: Vec<_> = chats().map(|chat| owners.of(chat, now)).collect();
        owners.leave_out(1, now);
        for (chat, before) in chats().zip(&before) {
            let owner = owners.of(chat, now);
            assert!(if *before == Some(1) { owner != Some(1) } else { owner == *before });
            assert_eq!(owners.of(chat, now + LEFT_OUT), *before);
        }
    }

    #[test]
    fn who_knows_nobody_does_it_alone() {
        let owners = Owners::new(&[], Some("http://127.0.0.1:1"));
        assert_eq!(owners.of(chats().next().expect("a chat"), Instant::now()), None);
    }
}
