use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use petit_domain::{ChatId, UserId};
use tokio::time::Instant;

/// How often a sender's own marker is written while they go on sending.
pub(crate) const PACE: Duration = Duration::from_millis(250);

/// Up to where somebody has read, and how many messages up to there do not count, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) seq: i64,
    pub(crate) uncounted: Option<i64>,
}

/// The newest message of each sender.
pub(crate) type Newest = HashMap<UserId, Read>;

/// The own markers of those who send: what one sends one has read. The first is written at once; who goes on
/// sending has theirs written at a pace, or when it is asked for here.
#[derive(Default)]
pub(crate) struct Senders(Mutex<HashMap<ChatId, HashMap<UserId, Own>>>);

struct Own {
    read: Read,
    written_at: Instant,
    is_waiting: bool,
}

impl Senders {
    /// Takes in the newest message of each sender, and answers what is to be written at once. All of it waits
    /// until it is [`Senders::written`].
    pub(crate) fn sent(&self, chat: ChatId, newest: Newest, now: Instant) -> Newest {
        let mut chats = self.0.lock();
        let senders = chats.entry(chat).or_default();
        let mut at_once = Newest::new();
        for (author, read) in newest {
            let before = senders.get(&author);
            let read = before.map_or(read, |own| if own.read.seq > read.seq { own.read } else { read });
            let paced = before.filter(|own| !own.is_due(now)).map(|own| own.written_at);
            if paced.is_none() {
                at_once.insert(author, read);
            }
            senders.insert(author, Own { read, written_at: paced.unwrap_or(now), is_waiting: true });
        }
        at_once
    }

    /// What waits and is due, to be written now; or everything that waits.
    pub(crate) fn due(&self, chat: ChatId, now: Instant, all: bool) -> Newest {
        let mut chats = self.0.lock();
        let Some(senders) = chats.get_mut(&chat) else { return Newest::new() };
        senders.retain(|_, own| own.is_waiting || !own.is_due(now));
        let due = senders.iter_mut().filter(|(_, own)| own.is_waiting && (all || own.is_due(now)));
        let due = due.map(|(author, own)| {
            own.written_at = now;
            (*author, own.read)
        });
        let due = due.collect();
        if senders.is_empty() {
            chats.remove(&chat);
        }
        due
    }

    /// These are in the store.
    pub(crate) fn written(&self, chat: ChatId, newest: &Newest) {
        let mut chats = self.0.lock();
        let Some(senders) = chats.get_mut(&chat) else { return };
        for (author, read) in newest {
            if let Some(own) = senders.get_mut(author) {
                own.is_waiting &= own.read.seq > read.seq;
            }
        }
    }

    /// Whether anything waits.
    pub(crate) fn has_waiting(&self, chat: ChatId) -> bool {
        self.0.lock().get(&chat).is_some_and(|senders| senders.values().any(|own| own.is_waiting))
    }

    pub(crate) fn waiting(&self, chat: ChatId, user: UserId) -> Option<Read> {
        self.0.lock().get(&chat)?.get(&user).filter(|own| own.is_waiting).map(|own| own.read)
    }
}

impl Own {
    fn is_due(&self, now: Instant) -> bool {
        now >= self.written_at + PACE
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CHAT: ChatId = ChatId::from_uuid(Uuid::nil());
    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));

    fn read(seq: i64) -> Read {
        Read { seq, uncounted: Some(0) }
    }

    fn newest(seq: i64) -> Newest {
        Newest::from([(ADA, read(seq))])
    }

    #[test]
    fn the_first_marker_is_written_at_once_and_the_next_ones_at_a_pace() {
        let (senders, start) = (Senders::default(), Instant::now());
        assert_eq!(senders.sent(CHAT, newest(1), start), newest(1));
        senders.written(CHAT, &newest(1));
        assert!(!senders.has_waiting(CHAT));
        assert!(senders.sent(CHAT, newest(2), start + PACE / 4).is_empty());
        assert!(senders.sent(CHAT, newest(3), start + PACE / 2).is_empty());
        assert_eq!(senders.waiting(CHAT, ADA), Some(read(3)), "whoever asks here is told");
        assert!(senders.due(CHAT, start + PACE / 2, false).is_empty());
        assert_eq!(senders.due(CHAT, start + PACE, false), newest(3));
        senders.written(CHAT, &newest(3));
        assert_eq!(senders.sent(CHAT, newest(4), start + PACE * 2), newest(4));
    }

    #[test]
    fn what_could_not_be_written_is_due_again() {
        let (senders, start) = (Senders::default(), Instant::now());
        assert_eq!(senders.sent(CHAT, newest(1), start), newest(1));
        assert!(senders.has_waiting(CHAT));
        assert_eq!(senders.due(CHAT, start + PACE, false), newest(1));
        assert_eq!(senders.due(CHAT, start + PACE, true), newest(1), "or at once, before the mark rises");
        senders.written(CHAT, &newest(1));
        assert!(senders.due(CHAT, start + PACE, true).is_empty());
    }

    #[test]
    fn a_newer_marker_goes_on_waiting_when_an_older_one_is_written() {
        let (senders, start) = (Senders::default(), Instant::now());
        senders.sent(CHAT, newest(1), start);
        senders.sent(CHAT, newest(2), start + PACE / 2);
        senders.written(CHAT, &newest(1));
        assert_eq!(senders.due(CHAT, start + PACE, false), newest(2));
    }

    #[test]
    fn an_older_message_that_is_heard_of_later_lowers_nothing() {
        let (senders, start) = (Senders::default(), Instant::now());
        senders.sent(CHAT, newest(5), start);
        assert_eq!(senders.sent(CHAT, newest(3), start + PACE), newest(5));
        senders.written(CHAT, &newest(3));
        assert_eq!(senders.waiting(CHAT, ADA), Some(read(5)));
    }

    #[test]
    fn who_has_stopped_is_forgotten() {
        let (senders, start) = (Senders::default(), Instant::now());
        senders.sent(CHAT, newest(1), start);
        senders.written(CHAT, &newest(1));
        senders.due(CHAT, start + PACE, false);
        assert!(senders.0.lock().is_empty());
    }
}
