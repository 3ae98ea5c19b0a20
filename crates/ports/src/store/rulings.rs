use petit_domain::{
    ChangeKind, ChatId, ChatName, MemberRecord, MemberRole, SettingsRecord, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::{ChangeRecord, Effect};

/// A ruling: what a numbered change says of who is in a chat, what it is called and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// This person is in it, like this.
    In(MemberRecord),
    /// This person is not in it.
    Out(UserId),
    /// It is called so, since then.
    Named(ChatName, Timestamp),
    /// It is set to this, all of it.
    Set(SettingsRecord),
    /// Nothing.
    Silent,
}

/// A membership as a change carries it.
#[derive(Serialize, Deserialize)]
struct Seat {
    role: MemberRole,
    joined_seq: i64,
    joined_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Called {
    name: ChatName,
}

/// Says that a change carries all that it makes, although that is nothing more than its kind.
const WHOLE: &str = "{}";

impl Ruling {
    /// The ruling of a numbered change. Changes without a body are from a version that changed members and name first
    /// and numbered it afterwards: nothing is left to be done for them.
    pub fn of(chat: ChatId, change: &ChangeRecord) -> Self {
        let Some(body) = change.body.as_deref() else { return Self::Silent };
        let ruling = match change.kind {
            ChangeKind::MemberChanged(user) => serde_json::from_str(body).ok().map(|seat| {
                let Seat { role, joined_seq, joined_at } = seat;
                Self::In(MemberRecord { chat, user, role, joined_seq, joined_at })
            }),
            ChangeKind::MemberRemoved(user) => Some(Self::Out(user)),
            ChangeKind::ChatRenamed => {
                serde_json::from_str(body).ok().map(|Called { name }| Self::Named(name, change.at))
            }
            ChangeKind::ChatChanged => Some(Self::Set(SettingsRecord::stored(Some(body), Some(change.cseq)))),
            ChangeKind::MessageEdited(_)
            | ChangeKind::MessageDeleted(_)
            | ChangeKind::MessageChanged(_)
            | ChangeKind::MessagePinned(_)
            | ChangeKind::Other { .. } => None,
        };
        ruling.unwrap_or(Self::Silent)
    }

    /// The change that carries it; `None` for silence.
    pub fn effect(&self) -> Option<Effect> {
        let (kind, body) = match self {
            Self::In(member) => {
                let MemberRecord { role, joined_seq, joined_at, .. } = *member;
                let seat = serde_json::to_string(&Seat { role, joined_seq, joined_at });
                (ChangeKind::MemberChanged(member.user), seat.ok()?)
            }
            Self::Out(user) => (ChangeKind::MemberRemoved(*user), WHOLE.to_owned()),
            Self::Named(name, _) => {
                let called = serde_json::to_string(&Called { name: name.clone() });
                (ChangeKind::ChatRenamed, called.ok()?)
            }
            Self::Set(settings) => (ChangeKind::ChatChanged, settings.text()),
            Self::Silent => return None,
        };
        Some(Effect { kind, body: Some(body) })
    }

    /// As the change with this number says it.
    #[must_use]
    pub fn numbered(&self, cseq: i64) -> Self {
        match self {
            Self::Set(settings) => Self::Set(settings.clone().numbered(cseq)),
            _ => self.clone(),
        }
    }

    /// Whom it is about.
    pub fn person(&self) -> Option<UserId> {
        match self {
            Self::In(member) => Some(member.user),
            Self::Out(user) => Some(*user),
            Self::Named(..) | Self::Set(_) | Self::Silent => None,
        }
    }
}
