use petit_ports::{StoreError, Written};
use serde::{Deserialize, Serialize};

/// What an owner says became of a wish.
#[derive(Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "encoded at once, and never kept")]
pub(crate) enum Answer {
    Done(Written),
    ReadOnly,
    Inconsistent(String),
}

impl Answer {
    /// `None`: the store does not answer, so somebody else is to be asked.
    pub(crate) fn of(done: Result<Written, StoreError>) -> Option<Self> {
        match done {
            Ok(written) => Some(Self::Done(written)),
            Err(StoreError::Unavailable(_)) => None,
            Err(StoreError::ReadOnly) => Some(Self::ReadOnly),
            Err(StoreError::Inconsistent(what)) => Some(Self::Inconsistent(what)),
        }
    }
}

/// What the owner's store refuses, ours would refuse too.
impl From<Answer> for Result<Written, StoreError> {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Done(written) => Ok(written),
            Answer::ReadOnly => Err(StoreError::ReadOnly),
            Answer::Inconsistent(what) => Err(StoreError::Inconsistent(what)),
        }
    }
}
