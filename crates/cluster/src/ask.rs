use petit_domain::{ChatId, Timestamp, UserId};
use petit_ports::{Appended, ChangeRecord, Edited, LogStore, NewChange, NewMessage, StoreError};
use serde::{Deserialize, Serialize};

/// What is wanted of a log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Append(NewMessage),
    Change(NewChange),
    Edit { seq: i64, text: String, actor: UserId, at: Timestamp },
    Delete { seq: i64, actor: UserId, at: Timestamp },
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Appended(Appended),
    Change(Option<ChangeRecord>),
    Edited(Edited),
    ReadOnly,
    Inconsistent(String),
}

impl Ask {
    /// Does it here.
    pub(crate) async fn perform(self, log: &dyn LogStore, chat: ChatId) -> Result<Told, StoreError> {
        match self {
            Self::Append(message) => log.append(chat, message).await.map(Told::Appended),
            Self::Change(change) => log.append_change(chat, change).await.map(Told::Change),
            Self::Edit { seq, text, actor, at } => {
                log.edit(chat, seq, &text, actor, at).await.map(Told::Edited)
            }
            Self::Delete { seq, actor, at } => log.delete(chat, seq, actor, at).await.map(Told::Edited),
        }
    }
}
