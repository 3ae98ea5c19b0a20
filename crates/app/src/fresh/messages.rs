use std::collections::{BTreeSet, HashMap};

use petit_domain::{ChatId, Event, Message};
use petit_ports::{ChangeKind, Store, StoreError};

/// The messages that changes are about.
pub(super) struct MessagesNow(HashMap<i64, Message>);

impl MessagesNow {
    pub(super) async fn read(store: &Store, chat: ChatId, seqs: &BTreeSet<i64>) -> Result<Self, StoreError> {
        let seqs: Vec<i64> = seqs.iter().copied().collect();
        let messages = store.log.get_many(chat, &seqs).await?;
        Ok(Self(messages.into_iter().map(|message| (message.seq, message)).collect()))
    }

    pub(super) fn event(&self, kind: ChangeKind, seq: i64, cseq: i64) -> Option<Event> {
        self.0.get(&seq).map(|message| revised(kind, cseq, message.clone()))
    }
}

/// Tells of a new message.
pub(crate) fn created(message: Message) -> Event {
    Event::MessageCreated { chat: message.chat, seq: message.seq, cseq: message.cseq, message }
}

/// Tells of a message that was changed, by what it is now.
pub(crate) fn revised(kind: ChangeKind, cseq: i64, message: Message) -> Event {
    let (chat, seq) = (message.chat, message.seq);
    match kind {
        _ if message.deleted => Event::MessageDeleted { chat, seq, cseq, message },
        ChangeKind::MessageChanged(_) | ChangeKind::MessagePinned(_) => {
            Event::MessageChanged { chat, seq, cseq, message }
        }
        _ => Event::MessageEdited { chat, seq, cseq, message },
    }
}
