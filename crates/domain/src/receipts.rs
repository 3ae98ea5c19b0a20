use serde::{Deserialize, Serialize};

use crate::UserId;

/// What a person may say of how far they have the messages of a chat.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// A device of theirs has it.
    Delivered,
    /// It was in front of them.
    Seen,
    /// They have read it: their read marker is there.
    Read,
}

impl ReceiptState {
    /// All, from the least on: each one implies those before it.
    pub const ALL: [Self; 3] = [Self::Delivered, Self::Seen, Self::Read];
}

/// What a client says of a chat: up to which message its device has everything, and up to which one it was in front of its
/// person. What is left out is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acked {
    /// A device has them up to here.
    #[serde(default = "nothing")]
    pub delivered: i64,
    /// The person saw them up to here.
    #[serde(default = "nothing")]
    pub seen: i64,
}

const fn nothing() -> i64 {
    -1
}

/// How far a member has the messages of a chat, as others are told. Never falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// Who.
    pub user: UserId,
    /// The newest message when they came in: of those up to it nothing is said.
    pub joined_seq: i64,
    /// A device of theirs has the messages up to this one; −1 for none.
    pub delivered: i64,
    /// They saw the messages up to this one; −1 for none, `null` where they or whoever asks do not tell.
    #[serde(default)]
    #[schema(required)]
    pub seen: Option<i64>,
}

impl Receipt {
    /// The same without what they saw.
    #[must_use]
    pub const fn veiled(self) -> Self {
        Self { seen: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_not_said() {
        let acked: Acked = serde_json::from_str(r#"{"seen": 4, "newer": true}"#).expect("decodes");
        assert_eq!(acked, Acked { delivered: -1, seen: 4 });
        assert!(serde_json::from_str::<Acked>(r#"{"seen": "4"}"#).is_err());
    }

    #[test]
    fn each_state_implies_those_before_it() {
        assert!(ReceiptState::ALL.is_sorted());
    }
}
