//! What others made of a message: its reactions and its pin. Each is a set, which is the truth and is written first; then
//! the message follows it as a numbered change.

use petit_domain::{ChatId, Message, Timestamp, UserId};
use petit_ports::{Revision, Store, StoreError, Why, Wish, Written};

use crate::rulings;

/// One of a message's sets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Set {
    /// Who reacted with what.
    Reactions,
    /// Whether it is among the pins of its chat.
    Pin,
}

impl Set {
    /// Has a message show this set as it is now. Of a message that is gone the set goes too. Again is fine.
    pub(crate) async fn tell(
        self,
        store: &Store,
        (chat, seq): (ChatId, i64),
        (actor, at): (UserId, Timestamp),
    ) -> Result<Option<Message>, StoreError> {
        let wish = Wish::Revise { seq, if_cseq: None, revision: self.revision(), actor, at };
        match store.log_writer.write(chat, wish).await? {
            Written::Revised(message) => {
                rulings::follow_now_and_then(store, &message).await;
                Ok(Some(message))
            }
            Written::AlreadySo(message) => Ok(Some(message)),
            Written::Refused(Why::Deleted) => {
                self.clear(store, chat, seq).await?;
                Ok(None)
            }
            // Nobody can have made anything of what is not there.
            Written::Refused(_) => Ok(None),
            other => Err(StoreError::Inconsistent(format!("the log answered {other:?}"))),
        }
    }

    fn revision(self) -> Revision {
        match self {
            Self::Reactions => Revision::Reactions,
            Self::Pin => Revision::Pin,
        }
    }

    async fn clear(self, store: &Store, chat: ChatId, seq: i64) -> Result<(), StoreError> {
        match self {
            Self::Reactions => store.reactions.clear(chat, seq).await,
            Self::Pin => store.pins.remove(chat, seq).await.map(drop),
        }
    }
}
