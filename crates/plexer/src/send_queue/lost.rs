use petit_domain::ChatId;

/// More chats than this are told as "everything".
const CHATS: usize = 64;

/// What a connection missed because it was too slow.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Lost {
    #[default]
    Nothing,
    /// Events of these chats.
    Chats(Vec<ChatId>),
    /// Too much to tell one by one.
    Everything,
}

impl Lost {
    pub(super) fn chat(&mut self, chat: ChatId) {
        match self {
            Self::Nothing => *self = Self::Chats(vec![chat]),
            Self::Chats(chats) if chats.contains(&chat) => {}
            Self::Chats(chats) if chats.len() < CHATS => chats.push(chat),
            Self::Chats(_) => *self = Self::Everything,
            Self::Everything => {}
        }
    }

    pub(super) fn everything(&mut self) {
        *self = Self::Everything;
    }

    pub(super) fn has(&self, chat: ChatId) -> bool {
        match self {
            Self::Nothing => false,
            Self::Chats(chats) => chats.contains(&chat),
            Self::Everything => true,
        }
    }
}
