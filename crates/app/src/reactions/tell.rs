use petit_domain::{ChatId, Message, Timestamp, UserId};
use petit_ports::{Revision, Store, StoreError, Why, Wish, Written};

use crate::rulings;

/// Has a message show its reactions as their set has them. Of a message that is gone the set goes too. Again is fine.
pub(crate) async fn tell(
    store: &Store,
    (chat, seq): (ChatId, i64),
    (actor, at): (UserId, Timestamp),
) -> Result<Option<Message>, StoreError> {
    let wish = Wish::Revise { seq, if_cseq: None, revision: Revision::Reactions, actor, at };
    match store.log_writer.write(chat, wish).await? {
        Written::Revised(message) => {
            rulings::follow_now_and_then(store, &message).await;
            Ok(Some(message))
        }
        Written::AlreadySo(message) => Ok(Some(message)),
        Written::Refused(Why::Deleted) => {
            store.reactions.clear(chat, seq).await?;
            Ok(None)
        }
        // Nobody can have reacted to what is not there.
        Written::Refused(_) => Ok(None),
        other => Err(StoreError::Inconsistent(format!("the log answered {other:?}"))),
    }
}
