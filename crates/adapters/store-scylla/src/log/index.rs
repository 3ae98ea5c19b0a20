//! The index of sent messages: hashes of what senders call their messages, so that sending twice writes once,
//! for ever.
//!
//! The names of so many consecutive messages are one row, a *pack*, written when there are that many. When the
//! packs of an *era* are complete, its names are merged: sorted into slots by their hash, so that one name
//! can be looked for without reading all of them. What a row holds follows from the log alone, so it may be
//! written again by anybody.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use petit_domain::ChatId;
use petit_ports::StoreError;

use crate::{
    engine::Engine,
    row::register,
    sequencer::{Known, Limits, Names, Pack},
    statement::Cql,
};

/// The slot of packs; merged names are in those from 0.
static PACK: Cql = Cql::write("INSERT INTO sent (chat_id, slot, n, names) VALUES (?, -1, ?, ?)");
static PACKS: Cql =
    Cql::read("SELECT n, names FROM sent WHERE chat_id = ? AND slot = -1 AND n >= ? AND n < ?");
/// How many eras are merged: a register, the highest number stays.
static MERGED_PUT: Cql =
    Cql::write("UPDATE sent USING TIMESTAMP ? SET merged = ? WHERE chat_id = ? AND slot = -1");
static MERGED: Cql = Cql::read("SELECT merged FROM sent WHERE chat_id = ? AND slot = -1 LIMIT 1");
static SLOT: Cql = Cql::write("INSERT INTO sent (chat_id, slot, n, names) VALUES (?, ?, ?, ?)");
static FIND: Cql = Cql::read("SELECT n, names FROM sent WHERE chat_id = ? AND slot IN ?");

/// So that a slot of an era has some 128 names, little more than a kilobyte.
const SLOT_BITS: u32 = 9;
/// How many slots are asked for at once: ScyllaDB takes at most a hundred.
const SLOTS: usize = 32;
/// How many slots are written at once.
const WRITES: usize = 8;
/// A name, and a name with its place in the era.
const NAME: usize = size_of::<u64>();
const PLACED: usize = NAME + size_of::<u16>();

fn slot(name: u64) -> i32 {
    (name >> (u64::BITS - SLOT_BITS)) as i32
}

/// Puts a pack into the index.
pub(super) async fn put(engine: &Engine, chat: ChatId, pack: &Pack) -> Result<(), StoreError> {
    let names: Vec<u8> = pack.names.iter().flat_map(|name| name.to_be_bytes()).collect();
    engine.run(&PACK, (chat.uuid(), pack.number, names)).await.map(drop)
}

/// What the index has up to the mark, but for the names of merged eras. Should a pack be missing, the mark is
/// put below it, and what the log has above is packed anew.
pub(super) async fn names(engine: &Engine, chat: ChatId, known: &mut Known) -> Result<Names, StoreError> {
    let Limits { pack, era, .. } = Limits::default();
    let complete = (known.sent + 1) / era;
    let eras = if complete == 0 { 0 } else { merged(engine, chat).await?.min(complete) };
    let (first, end) = (eras * era / pack, (known.sent + 1) / pack);
    let later = packed(engine, chat, first, end).await?;
    let there = (first * pack + later.len() as i64 - 1).max(-1);
    if there < known.sent {
        tracing::warn!(chat.id = %chat, "the index of chat {chat} lacks names after {there}");
    }
    known.sent = there;
    Ok(Names { eras, later })
}

async fn merged(engine: &Engine, chat: ChatId) -> Result<i64, StoreError> {
    let found = engine.row::<(Option<i64>,)>(&MERGED, (chat.uuid(),)).await?;
    Ok(found.and_then(|(merged,)| merged).unwrap_or(0))
}

/// The names of the packs from `first` to before `end` with the numbers of their messages, until one is missing.
async fn packed(engine: &Engine, chat: ChatId, first: i64, end: i64) -> Result<Vec<(i64, u64)>, StoreError> {
    if first >= end {
        return Ok(Vec::new());
    }
    let size = Limits::default().pack;
    let packs = engine.rows::<(i64, Vec<u8>)>(&PACKS, (chat.uuid(), first, end)).await?;
    let whole = (first..)
        .zip(packs)
        .take_while(|(expected, (number, names))| expected == number && names.len() == size as usize * NAME);
    let named = whole.flat_map(|(number, (_, names))| {
        let names: Vec<u64> = names.chunks_exact(NAME).map(number_of).collect();
        (number * size..).zip(names)
    });
    Ok(named.collect())
}

/// Which messages of merged eras may have one of these names.
pub(super) async fn find(
    engine: &Engine,
    chat: ChatId,
    names: &[u64],
) -> Result<Vec<(u64, i64)>, StoreError> {
    let mut slots: Vec<i32> = names.iter().copied().map(slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let questions =
        slots.chunks(SLOTS).map(|slots| engine.rows::<(i64, Vec<u8>)>(&FIND, (chat.uuid(), slots)));
    let found = try_join_all(questions).await?.into_iter().flatten();
    let placed = found.flat_map(|(era, names)| {
        let first = era * Limits::default().era;
        let placed = |entry: &[u8]| (number_of(&entry[..NAME]), first + number_of(&entry[NAME..]) as i64);
        names.chunks_exact(PLACED).map(placed).collect::<Vec<_>>()
    });
    let names: HashSet<u64> = names.iter().copied().collect();
    Ok(placed.filter(|(name, _)| names.contains(name)).collect())
}

/// Merges the names of an era, whose packs are all there.
pub(super) async fn merge(engine: &Engine, chat: ChatId, era: i64) -> Result<(), StoreError> {
    let Limits { pack, era: size, .. } = Limits::default();
    let names = packed(engine, chat, era * size / pack, (era + 1) * size / pack).await?;
    if names.len() as i64 != size {
        return Err(StoreError::Inconsistent(format!("chat {chat} lacks names of era {era}")));
    }
    let writes = slots(&names, era * size)
        .into_iter()
        .enumerate()
        .map(|(slot, names)| engine.run(&SLOT, (chat.uuid(), slot as i32, era, names)));
    stream::iter(writes).buffer_unordered(WRITES).try_for_each(async |_| Ok(())).await?;
    engine.run(&MERGED_PUT, (register(era), era + 1, chat.uuid())).await.map(drop)
}

/// What each slot has of an era that begins with `first`.
fn slots(names: &[(i64, u64)], first: i64) -> Vec<Vec<u8>> {
    let mut sorted: Vec<(u64, u16)> = names.iter().map(|(seq, name)| (*name, (seq - first) as u16)).collect();
    sorted.sort_unstable();
    let mut slots = vec![Vec::new(); 1 << SLOT_BITS];
    for (name, place) in sorted {
        let slot = &mut slots[slot(name) as usize];
        slot.extend(name.to_be_bytes());
        slot.extend(place.to_be_bytes());
    }
    slots
}

/// Up to eight bytes, the highest first.
fn number_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_an_era_is_in_its_slot_once() {
        let names: Vec<(i64, u64)> =
            (0..65_536).map(|n| (131_072 + n, (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        let slots = slots(&names, 131_072);
        assert_eq!(slots.iter().map(Vec::len).sum::<usize>(), 65_536 * PLACED);
        assert!(slots.iter().all(|slot| slot.len() < 3_000), "none is much larger than the others");
        for (seq, name) in names {
            let entry: Vec<u8> =
                name.to_be_bytes().into_iter().chain(((seq - 131_072) as u16).to_be_bytes()).collect();
            let here = slots[slot(name) as usize].chunks_exact(PLACED).filter(|found| **found == entry);
            assert_eq!(here.count(), 1, "{seq}");
        }
    }
}
