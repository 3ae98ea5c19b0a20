use async_trait::async_trait;
use petit_domain::{ChatId, UserId};

use super::StoreError;

/// Where a read marker stands after [`ReadMarkerStore::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The marker now: never lower than before.
    pub seq: i64,
    /// Whether this call moved it.
    pub moved: bool,
}

/// What somebody has not read of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Their marker, −1 when nothing was read.
    pub read_seq: i64,
    /// How many messages above it count and are not deleted.
    pub unread: i64,
    /// [`petit_domain::Message::counted`] of the chat's newest message, at the same moment; 0 when there is none.
    pub counted: i64,
}

/// What of a log is above a marker, as engines find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Above {
    /// The chat's newest message.
    pub head_seq: i64,
    /// How many of the messages up to it do not count.
    pub head_uncounted: i64,
    /// The marker.
    pub read_seq: i64,
    /// How many of the messages up to the marker do not count; `None` where an older version wrote it and did not say.
    pub read_uncounted: Option<i64>,
    /// How many above the marker were deleted.
    pub deleted: i64,
}

impl Above {
    /// What it comes to. Where a number is not known, every message counts, as it did for whoever left it out: rather
    /// some too many than one that nobody sees.
    pub fn unread(&self) -> Unread {
        let read_uncounted = if self.read_seq < 0 { Some(0) } else { self.read_uncounted };
        let between = read_uncounted.map_or(0, |read| self.head_uncounted - read);
        let unread = self.head_seq - self.read_seq - between.max(0) - self.deleted;
        let counted = self.head_seq + 1 - self.head_uncounted;
        Unread { read_seq: self.read_seq, unread: unread.max(0), counted }
    }
}

/// How far everybody has read: for each person and chat the highest number ever marked.
#[async_trait]
pub trait ReadMarkerStore: Send + Sync {
    /// Raises the marker to `seq`. The highest number wins in any order of arrival; the caller makes
    /// sure that `seq` is not past the chat's head.
    async fn mark(&self, chat: ChatId, user: UserId, seq: i64) -> Result<Marked, StoreError>;

    /// The marker, −1 when nothing was read.
    async fn get(&self, chat: ChatId, user: UserId) -> Result<i64, StoreError>;

    /// The marker and what is above it; `None` if there is no such chat. Whoever was answered that something was
    /// written, deleted or marked finds it in here.
    async fn unread(&self, chat: ChatId, user: UserId) -> Result<Option<Unread>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_READ: Above =
        Above { head_seq: 9, head_uncounted: 4, read_seq: 4, read_uncounted: Some(2), deleted: 0 };

    #[test]
    fn what_nobody_wrote_and_what_is_deleted_does_not_count() {
        assert_eq!(HALF_READ.unread(), Unread { read_seq: 4, unread: 3, counted: 6 });
        assert_eq!(Above { deleted: 2, ..HALF_READ }.unread().unread, 1);
        assert_eq!(Above { read_seq: -1, read_uncounted: None, ..HALF_READ }.unread().unread, 6);
        assert_eq!(Above { read_seq: 9, read_uncounted: Some(4), ..HALF_READ }.unread().unread, 0);
    }

    #[test]
    fn where_a_number_is_not_known_everything_counts_and_nothing_is_below_zero() {
        assert_eq!(Above { read_uncounted: None, ..HALF_READ }.unread().unread, 5);
        assert_eq!(
            Above { head_uncounted: 0, ..HALF_READ }.unread().unread,
            5,
            "begun anew by an older version"
        );
        assert_eq!(Above { deleted: 9, ..HALF_READ }.unread().unread, 0);
    }
}
