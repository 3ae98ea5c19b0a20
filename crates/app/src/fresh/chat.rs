use petit_domain::{ChatId, ChatSettings, Event};
use petit_ports::{Store, StoreError};

/// The chat itself, as far as changes tell of it.
pub(super) struct ChatNow {
    pub(super) id: ChatId,
    /// Number of its newest message.
    pub(super) seq: i64,
    pub(super) member_count: i64,
    name: String,
    settings: ChatSettings,
}

impl ChatNow {
    pub(super) async fn read(store: &Store, id: ChatId) -> Result<Option<Self>, StoreError> {
        Ok(store.chats.get(id).await?.map(|record| Self {
            id,
            seq: record.head.seq,
            member_count: record.member_count,
            name: record.name.map(String::from).unwrap_or_default(),
            settings: record.settings.shown(),
        }))
    }

    pub(super) fn changed(&self, cseq: i64) -> Event {
        Event::ChatChanged { chat: self.id, seq: self.seq, cseq, settings: self.settings.clone() }
    }

    pub(super) fn renamed(&self, cseq: i64) -> Event {
        Event::ChatRenamed { chat: self.id, seq: self.seq, cseq, name: self.name.clone() }
    }
}
