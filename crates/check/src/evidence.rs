use std::collections::{BTreeMap, BTreeSet};

use crate::{history::Operation, local::Chat};

/// Everything that is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) operations: Vec<Operation>,
    /// For each client: their chats as they were fetched at the end.
    pub(crate) fresh: Vec<BTreeMap<String, Chat>>,
    /// For each client: their chats as events made them.
    pub(crate) known: Vec<BTreeMap<String, Chat>>,
    /// For each client: their chats as the list said at the end.
    pub(crate) listed: Vec<BTreeMap<String, Listed>>,
    /// Who is which client.
    pub(crate) people: Vec<String>,
    /// Who reacted with what to the messages that somebody reacted to, as the lists said at the end.
    pub(crate) sets: BTreeMap<(String, i64), BTreeSet<(String, String)>>,
    /// What is pinned in each chat, as the lists said at the end.
    pub(crate) pins: BTreeMap<String, BTreeSet<i64>>,
    /// How far each chat went, as its newest number was read after everything else.
    pub(crate) heads: BTreeMap<String, i64>,
    /// What was heard of chats after being removed from them.
    pub(crate) overheard: Vec<String>,
    /// What could not be fetched at the end.
    pub(crate) missing: Vec<String>,
}

/// What the list of somebody's chats says of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its newest message, and its newest change.
    pub(crate) head: (i64, i64),
    /// How far they have read.
    pub(crate) read: i64,
    pub(crate) unread: i64,
}
