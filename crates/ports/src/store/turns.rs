use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, Timestamp, UserId};

use super::{OFF_S, StoreError};

/// When somebody last took their turn to write in a chat with slow mode, and for which message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastTurn {
    /// The sender's own name of the message.
    pub client_id: ClientId,
    /// When.
    pub at: Timestamp,
}

/// Whether it is somebody's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is, and was taken.
    Taken,
    /// Not yet: they took it last at this time.
    Wait(Timestamp),
}

impl LastTurn {
    /// What the last turn means to whoever wants one at `at` that comes `slow_s` seconds after it: `None` if it may be
    /// taken. The same message takes its turn again. A turn that was taken far ahead, by a clock that was wrong, counts as
    /// none.
    pub fn answer(&self, client_id: &ClientId, at: Timestamp, slow_s: u16) -> Option<Turn> {
        if self.client_id == *client_id {
            return Some(Turn::Taken);
        }
        let is_wrong = self.at > at.plus_seconds(OFF_S);
        (!is_wrong && at < self.at.plus_seconds(i64::from(slow_s))).then_some(Turn::Wait(self.at))
    }
}

/// Turns to write in chats with slow mode. Kept for a day at least; nothing is asked or written of other chats.
#[async_trait]
pub trait TurnStore: Send + Sync {
    /// Takes the person's turn for a message, if `slow_s` seconds have gone by since the last one ([`LastTurn::answer`]).
    /// Of several who take one at once for different messages, in whichever processes, one gets it. Repeating it is
    /// harmless.
    async fn take(
        &self,
        chat: ChatId,
        user: UserId,
        client_id: &ClientId,
        at: Timestamp,
        slow_s: u16,
    ) -> Result<Turn, StoreError>;
}
