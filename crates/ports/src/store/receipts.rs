use async_trait::async_trait;
use petit_domain::{ChatId, ReceiptState, Timestamp, UserId};

use super::StoreError;

/// How far somebody has the messages of a chat: three numbers, −1 for none. Each state holds wherever a later one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// A device has them.
    pub delivered: i64,
    /// The person saw them.
    pub seen: i64,
    /// The person read them.
    pub read: i64,
}

impl Reached {
    /// Nothing.
    pub const NOTHING: Self = Self { delivered: -1, seen: -1, read: -1 };

    /// The same with what follows from it: what is read was seen, what was seen was delivered.
    #[must_use]
    pub fn whole(self) -> Self {
        let seen = self.seen.max(self.read);
        Self { delivered: self.delivered.max(seen), seen, read: self.read }
    }

    /// The higher number of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            delivered: self.delivered.max(other.delivered),
            seen: self.seen.max(other.seen),
            read: self.read.max(other.read),
        }
    }

    /// The number of a state.
    pub fn of(&self, state: ReceiptState) -> i64 {
        match state {
            ReceiptState::Delivered => self.delivered,
            ReceiptState::Seen => self.seen,
            ReceiptState::Read => self.read,
        }
    }
}

/// For how many messages back it is kept, at least, when somebody came past them, if that is not longer ago than
/// [`STEPS_KEPT_S`].
pub const STEPS_KEPT: usize = 200;
/// For how long it is kept, at least, when somebody came past a message, if it is not further back than [`STEPS_KEPT`].
pub const STEPS_KEPT_S: i64 = 30 * 86_400;

/// How far everybody has the messages of chats, as their clients said: hints, from which nothing else follows. It is no
/// place to say what somebody has read (that is [`super::ReadMarkerStore`]), and nothing here is asked for in order to
/// send or deliver a message.
#[async_trait]
pub trait ReceiptStore: Send + Sync {
    /// Raises what people of one chat have reached, each as [`Reached::whole`]: for each number the highest one ever told
    /// stays, in any order of arrival; the caller makes sure that none is past the chat's head. With `at` it is kept when
    /// each number rose, for [`ReceiptStore::passed`]. Answers those for whom anything rose, with where they are now;
    /// what does not rise is not written.
    async fn raise(
        &self,
        chat: ChatId,
        raises: &[(UserId, Reached)],
        at: Option<Timestamp>,
    ) -> Result<Vec<(UserId, Reached)>, StoreError>;

    /// How far these people are, in the order of the question. Who marked messages as read in any other way, as by writing
    /// one, has read them here too; for that this may be a moment late.
    async fn reached(&self, chat: ChatId, users: &[UserId]) -> Result<Vec<Reached>, StoreError>;

    /// When these people came past a message in a state, in the order of the question: the moment of the first raise from
    /// below `seq` to `seq` or above that was kept. `None` where it is not known, as of those who did not come so far, and
    /// of what is longer ago than is kept.
    async fn passed(
        &self,
        chat: ChatId,
        seq: i64,
        state: ReceiptState,
        users: &[UserId],
    ) -> Result<Vec<Option<Timestamp>>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_was_seen_and_delivered() {
        let read = Reached { read: 5, ..Reached::NOTHING }.whole();
        assert_eq!(read, Reached { delivered: 5, seen: 5, read: 5 });
        let seen = Reached { delivered: 2, seen: 7, read: 1 }.whole();
        assert_eq!(seen, Reached { delivered: 7, seen: 7, read: 1 });
    }
}
