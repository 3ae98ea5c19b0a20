//! The index of sent messages: what a sender calls a message, and its number.
//!
//! It is for ever, so it is cut both ways: into *eras* of the log, so that no part grows without end, and each
//! era into a few *slots* by the sender's name for the message, so that the messages of one group share
//! partitions and one question finds them all.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use petit_domain::{ChatId, ClientId, UserId};
use petit_ports::StoreError;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    engine::{Bound, Engine},
    row::value,
    statement::Cql,
};

static SENT: Cql =
    Cql::write("INSERT INTO sent (chat_id, era, slot, client_id, author, seq) VALUES (?, ?, ?, ?, ?, ?)");
static FIND: Cql = Cql::read(
    "SELECT client_id, author, seq FROM sent WHERE chat_id = ? AND era IN ? AND slot IN ? AND client_id IN ?",
);
static ALL: Cql = Cql::read("SELECT client_id, author FROM sent WHERE chat_id = ? AND era = ? AND slot = ?");

/// Messages in an era: some 130,000 rows in each of its slots.
const ERA: i64 = 1 << 20;
const SLOTS: i32 = 8;
/// How many names, and of how many eras, are asked for at once. ScyllaDB takes at most a hundred of either,
/// with eras and slots multiplied.
const NAMES: usize = 32;
const ERAS: usize = 8;

/// A message as its sender calls it, and its number.
pub(crate) type Sent = (UserId, ClientId, i64);

/// Which slot a name is in; the same for ever.
fn slot(name: &ClientId) -> i32 {
    i32::from(Sha256::digest(name.as_str())[0]) % SLOTS
}

/// The rows of messages, those of one partition side by side.
pub(super) fn rows(chat: ChatId, messages: &[Sent]) -> Vec<Bound> {
    let mut placed: Vec<_> =
        messages.iter().map(|message| (message.2 / ERA, slot(&message.1), message)).collect();
    placed.sort_by_key(|(era, slot, _)| (*era, *slot));
    let row = |(era, slot, (author, client_id, seq)): (i64, i32, &Sent)| {
        Bound::new(&SENT, (chat.uuid(), era, slot, client_id.as_str().to_owned(), author.uuid(), *seq))
    };
    placed.into_iter().map(row).collect()
}

/// Puts messages into the index.
pub(crate) async fn put(engine: &Engine, chat: ChatId, messages: &[Sent]) -> Result<(), StoreError> {
    engine.write_all(rows(chat, messages)).await
}

/// The messages with these names, whoever sent them, as far as the index goes up to this number.
pub(super) async fn find(
    engine: &Engine,
    chat: ChatId,
    names: &[ClientId],
    last: i64,
) -> Result<HashMap<(UserId, ClientId), i64>, StoreError> {
    let eras: Vec<i64> = (0..=last.max(0) / ERA).collect();
    let questions = eras.chunks(ERAS).flat_map(|eras| {
        names.chunks(NAMES).map(move |names| {
            let mut slots: Vec<i32> = names.iter().map(slot).collect();
            slots.sort_unstable();
            slots.dedup();
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            engine.rows::<(String, Uuid, i64)>(&FIND, (chat.uuid(), eras, slots, names))
        })
    });
    let found = try_join_all(questions).await?.into_iter().flatten();
    found.map(|(name, author, seq)| Ok(((UserId::from_uuid(author), value(name)?), seq))).collect()
}

/// Everything that the index has up to this number.
pub(super) async fn all(
    engine: &Engine,
    chat: ChatId,
    last: i64,
) -> Result<Vec<(UserId, ClientId)>, StoreError> {
    let mut found = Vec::new();
    for era in 0..=last.max(0) / ERA {
        for slot in 0..SLOTS {
            for (name, author) in engine.rows::<(String, Uuid)>(&ALL, (chat.uuid(), era, slot)).await? {
                found.push((UserId::from_uuid(author), value(name)?));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_slot_for_ever() {
        let slots = ["a", "hello", "0198f2c1-7d4e-7000-8000-000000000001"]
            .map(|name| slot(&ClientId::try_from(name.to_owned()).expect("a name")));
        assert_eq!(slots, [2, 4, 1]);
    }

    #[test]
    fn names_spread_over_the_slots() {
        let mut counts = [0; SLOTS as usize];
        for number in 0..8_000 {
            let name = ClientId::try_from(format!("message-{number}")).expect("a name");
            counts[slot(&name) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
    }
}
