use std::time::Instant;

use parking_lot::Mutex;
use serde::Serialize;

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub(crate) enum Deed {
    Send {
        text: String,
        client_id: String,
    },
    /// Sent, to be held for a second.
    Hold {
        text: String,
    },
    /// Took back what was held.
    TakeBack {
        text: String,
    },
    Edit {
        seq: i64,
        text: String,
    },
    Delete {
        seq: i64,
    },
    /// Reacted to a message, or took that back.
    React {
        seq: i64,
        emoji: String,
        is_on: bool,
    },
    /// Pinned a message, or took the pin away.
    Pin {
        seq: i64,
        is_on: bool,
    },
    Read {
        seq: i64,
    },
    /// Looked how far people have a chat's messages: who, delivered, seen.
    Receipts {
        told: Vec<(String, i64, i64)>,
    },
    Rename {
        name: String,
    },
    Add {
        user: String,
    },
    Remove {
        user: String,
    },
    /// Looked for a message right after it was acknowledged.
    LookBack {
        seq: i64,
        text: String,
    },
    /// Somebody who was removed looked into the chat.
    Peek,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Acknowledged, with the number that was answered, if one was.
    Ok { seq: Option<i64> },
    /// Refused: it did not happen.
    Fail { code: String },
    /// No answer: it may have happened.
    Unknown { why: String },
}

/// One operation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Operation {
    pub(crate) who: usize,
    pub(crate) chat: String,
    pub(crate) begun_ms: u64,
    pub(crate) ended_ms: u64,
    #[serde(flatten)]
    pub(crate) deed: Deed,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// Everything that was done, in the order in which it ended.
pub(crate) struct History {
    began: Instant,
    operations: Mutex<Vec<Operation>>,
}

impl History {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), operations: Mutex::default() }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    pub(crate) fn note(&self, who: usize, chat: &str, begun_ms: u64, deed: Deed, outcome: Outcome) {
        let ended_ms = self.now_ms();
        let operation = Operation { who, chat: chat.to_owned(), begun_ms, ended_ms, deed, outcome };
        self.operations.lock().push(operation);
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.lock().clone()
    }
}
