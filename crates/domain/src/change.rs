use serde::{Deserialize, Serialize};

use crate::UserId;

/// What a change is about, for those who know no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The chat itself.
    Nothing,
    /// The message with this number.
    Message(i64),
    /// This person.
    Person(UserId),
}

/// What a numbered change is. Who needs more looks at the thing itself, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u8, About)", into = "(u8, About)")]
pub enum ChangeKind {
    /// The message with this number was edited.
    MessageEdited(i64),
    /// The message with this number was deleted.
    MessageDeleted(i64),
    /// This person joined or has another role.
    MemberChanged(UserId),
    /// This person is gone.
    MemberRemoved(UserId),
    /// The chat has another name.
    ChatRenamed,
    /// Something else of the message with this number: what others made of it, such as reactions.
    MessageChanged(i64),
    /// The message with this number was pinned, or is pinned no more.
    MessagePinned(i64),
    /// The chat is set to something else: its topic, its description, who may write in it.
    ChatChanged,
    /// Something that a newer version knows.
    Other {
        /// Its code.
        code: u8,
        /// What it is about.
        about: About,
    },
}

impl ChangeKind {
    /// Code and subject, as stores and wires between processes have them. A code never changes.
    pub const fn parts(self) -> (u8, About) {
        match self {
            Self::MessageEdited(seq) => (1, About::Message(seq)),
            Self::MessageDeleted(seq) => (2, About::Message(seq)),
            Self::MemberChanged(user) => (3, About::Person(user)),
            Self::MemberRemoved(user) => (4, About::Person(user)),
            Self::ChatRenamed => (5, About::Nothing),
            Self::MessageChanged(seq) => (6, About::Message(seq)),
            Self::MessagePinned(seq) => (7, About::Message(seq)),
            Self::ChatChanged => (8, About::Nothing),
            Self::Other { code, about } => (code, about),
        }
    }

    /// The change with this code. One that is not known, or not about what it should be, is `Other`.
    pub const fn from_parts(code: u8, about: About) -> Self {
        match (code, about) {
            (1, About::Message(seq)) => Self::MessageEdited(seq),
            (2, About::Message(seq)) => Self::MessageDeleted(seq),
            (3, About::Person(user)) => Self::MemberChanged(user),
            (4, About::Person(user)) => Self::MemberRemoved(user),
            (5, About::Nothing) => Self::ChatRenamed,
            (6, About::Message(seq)) => Self::MessageChanged(seq),
            (7, About::Message(seq)) => Self::MessagePinned(seq),
            (8, About::Nothing) => Self::ChatChanged,
            _ => Self::Other { code, about },
        }
    }
}

impl About {
    /// What two columns say, of which at most one is filled.
    pub fn columns(message: Option<i64>, person: Option<UserId>) -> Self {
        match (message, person) {
            (Some(seq), _) => Self::Message(seq),
            (None, Some(user)) => Self::Person(user),
            (None, None) => Self::Nothing,
        }
    }

    /// The number of the message it is.
    pub const fn message(self) -> Option<i64> {
        match self {
            Self::Message(seq) => Some(seq),
            Self::Person(_) | Self::Nothing => None,
        }
    }

    /// The person it is.
    pub const fn person(self) -> Option<UserId> {
        match self {
            Self::Person(user) => Some(user),
            Self::Message(_) | Self::Nothing => None,
        }
    }
}

impl From<(u8, About)> for ChangeKind {
    fn from((code, about): (u8, About)) -> Self {
        Self::from_parts(code, about)
    }
}

impl From<ChangeKind> for (u8, About) {
    fn from(kind: ChangeKind) -> Self {
        kind.parts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_about_anything_comes_back_as_it_went() {
        let person = UserId::from_uuid(uuid::Uuid::from_u128(7));
        for code in 0..=u8::MAX {
            for about in [About::Nothing, About::Message(3), About::Person(person)] {
                let kind = ChangeKind::from_parts(code, about);
                assert_eq!(kind.parts(), (code, about));
                assert_eq!(About::columns(about.message(), about.person()), about);
                let json = serde_json::to_string(&kind).expect("encodes");
                assert_eq!(serde_json::from_str::<ChangeKind>(&json).expect("decodes"), kind);
            }
        }
        assert_eq!(ChangeKind::from_parts(1, About::Message(3)), ChangeKind::MessageEdited(3));
        assert!(matches!(ChangeKind::from_parts(1, About::Nothing), ChangeKind::Other { code: 1, .. }));
    }
}
