//! Changes as they are now, in one shape for all who tell of them: live, in a replay, and when a client asks.

mod chat;
mod members;
mod messages;

use std::collections::BTreeSet;

use petit_domain::{About, ChatId, Event, UserId};
use petit_ports::{ChangeKind, ChangeRecord, Store, StoreError};

pub(crate) use self::messages::{created, revised};
use self::{chat::ChatNow, members::MembersNow, messages::MessagesNow};
use crate::rulings::settle;

/// A change's number and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered {
    pub(crate) cseq: i64,
    pub(crate) kind: ChangeKind,
}

impl From<&ChangeRecord> for Numbered {
    fn from(record: &ChangeRecord) -> Self {
        Self { cseq: record.cseq, kind: record.kind }
    }
}

/// Exactly one event for each change, with its number, in the same order: the thing it is about as it is now,
/// whatever became of it since. A change of which there is nothing to tell keeps its number.
pub(crate) async fn fresh(
    store: &Store,
    chat: ChatId,
    changes: &[Numbered],
) -> Result<Vec<Event>, StoreError> {
    let touched = Touched::by(changes);
    if touched.needs_the_chat() {
        // Members and name follow the log: what is told of a change shows at least that one.
        settle(store, chat).await?;
    }
    let now = Now::read(store, chat, &touched).await?;
    Ok(changes.iter().map(|change| now.event(*change)).collect())
}

/// What a run of changes touched, each thing once.
#[derive(Default)]
struct Touched {
    messages: BTreeSet<i64>,
    users: BTreeSet<UserId>,
    itself: bool,
}

impl Touched {
    fn by(changes: &[Numbered]) -> Self {
        let mut touched = Self::default();
        for change in changes {
            match change.kind {
                ChangeKind::MessageEdited(seq)
                | ChangeKind::MessageDeleted(seq)
                | ChangeKind::MessageChanged(seq)
                | ChangeKind::MessagePinned(seq) => {
                    touched.messages.insert(seq);
                }
                ChangeKind::MemberChanged(user) | ChangeKind::MemberRemoved(user) => {
                    touched.users.insert(user);
                }
                ChangeKind::ChatRenamed | ChangeKind::ChatChanged => touched.itself = true,
                ChangeKind::Other { about, .. } => {
                    touched.messages.extend(about.message());
                    touched.users.extend(about.person());
                }
            }
        }
        touched
    }

    fn needs_the_chat(&self) -> bool {
        self.itself || !self.users.is_empty()
    }
}

/// What changes touched, as it is now.
struct Now {
    id: ChatId,
    chat: Option<ChatNow>,
    members: MembersNow,
    messages: MessagesNow,
}

impl Now {
    async fn read(store: &Store, id: ChatId, touched: &Touched) -> Result<Self, StoreError> {
        let chat = if touched.needs_the_chat() { ChatNow::read(store, id).await? } else { None };
        let members = MembersNow::read(store, id, &touched.users).await?;
        let messages = MessagesNow::read(store, id, &touched.messages).await?;
        Ok(Self { id, chat, members, messages })
    }

    fn event(&self, Numbered { cseq, kind }: Numbered) -> Event {
        let told = match kind {
            ChangeKind::MessageEdited(seq)
            | ChangeKind::MessageDeleted(seq)
            | ChangeKind::MessageChanged(seq)
            | ChangeKind::MessagePinned(seq) => self.messages.event(kind, seq, cseq),
            ChangeKind::MemberChanged(user) | ChangeKind::MemberRemoved(user) => {
                self.chat.as_ref().map(|chat| self.members.event(chat, user, cseq))
            }
            ChangeKind::ChatRenamed => self.chat.as_ref().map(|chat| chat.renamed(cseq)),
            ChangeKind::ChatChanged => self.chat.as_ref().map(|chat| chat.changed(cseq)),
            ChangeKind::Other { about: About::Message(seq), .. } => self.messages.event(kind, seq, cseq),
            ChangeKind::Other { about: About::Person(user), .. } => {
                self.chat.as_ref().map(|chat| self.members.event(chat, user, cseq))
            }
            ChangeKind::Other { about: About::Nothing, .. } => None,
        };
        let seq = self.chat.as_ref().map_or(-1, |chat| chat.seq);
        told.unwrap_or(Event::UnknownChange { chat: self.id, seq, cseq })
    }
}
