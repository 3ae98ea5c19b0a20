//! Reading the log.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use petit_domain::{ChatId, Edition, Message, Timestamp};
use petit_ports::{ChangeRecord, PageAt, StoreError};

use super::{
    BUCKET,
    revised::{self, Far},
    rows::{
        ABOVE, BELOW, CHANGES, ChangeRow, FIRST_CHANGE, GONE_ABOVE, MANY, MessageRow, ONE, UNCOUNTED, message,
    },
    state::{LogState, state},
};
use crate::{engine::Engine, error::store_error, statement::Cql};

static HISTORY: Cql =
    Cql::read("SELECT body, replaced_at FROM editions WHERE chat_id = ? AND seq = ? AND cseq < ? LIMIT ?");

/// In how many parts before the newest one deletions are looked for: some 30,000 messages.
const LATELY: i64 = 7;

pub(super) async fn one(engine: &Engine, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
    if seq < 0 {
        return Ok(None);
    }
    let found = engine.row::<MessageRow>(&ONE, (chat.uuid(), seq / BUCKET, seq)).await?;
    found.map(|row| message(chat, row)).transpose()
}

/// How many messages up to this one do not count; `None` where its row does not say.
pub(crate) async fn uncounted_at(engine: &Engine, chat: ChatId, seq: i64) -> Result<Option<i64>, StoreError> {
    if seq < 0 {
        return Ok(Some(0));
    }
    let found = engine.row::<(Option<i64>,)>(&UNCOUNTED, (chat.uuid(), seq / BUCKET, seq)).await?;
    Ok(found.and_then(|(uncounted,)| uncounted))
}

/// How many messages above this one were deleted, as far as that was lately: in older parts of a long log nobody looks.
pub(crate) async fn deleted_above(
    engine: &Engine,
    chat: ChatId,
    log: &LogState,
    seq: i64,
) -> Result<i64, StoreError> {
    if log.deleted <= seq {
        return Ok(0);
    }
    let first = (seq.max(0) / BUCKET).max(log.bucket - LATELY);
    let counts = (first..=log.bucket).map(async |bucket| {
        let found = engine.row::<(i64,)>(&GONE_ABOVE, (chat.uuid(), bucket, seq)).await?;
        Ok::<_, StoreError>(found.map_or(0, |(count,)| count))
    });
    Ok(try_join_all(counts).await?.into_iter().sum())
}

pub(super) async fn many(engine: &Engine, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError> {
    let mut parts: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for seq in seqs.iter().filter(|seq| **seq >= 0) {
        parts.entry(seq / BUCKET).or_default().insert(*seq);
    }
    let reads = parts.into_iter().map(async |(bucket, seqs)| {
        let seqs: Vec<i64> = seqs.into_iter().collect();
        engine.rows::<MessageRow>(&MANY, (chat.uuid(), bucket, seqs)).await
    });
    let rows = try_join_all(reads).await?.into_iter().flatten();
    let mut messages = rows.map(|row| message(chat, row)).collect::<Result<Vec<_>, _>>()?;
    messages.sort_unstable_by_key(|message| message.seq);
    Ok(messages)
}

pub(super) async fn page(
    engine: &Engine,
    chat: ChatId,
    at: PageAt,
    limit: usize,
) -> Result<Vec<Message>, StoreError> {
    match at {
        PageAt::Newest => below(engine, chat, i64::MAX, limit).await,
        PageAt::Before(seq) => below(engine, chat, seq, limit).await,
        PageAt::After(seq) => above(engine, chat, seq, limit).await,
        PageAt::Around(seq) => {
            let mut page = below(engine, chat, seq, limit / 2).await?;
            page.extend(above(engine, chat, seq.saturating_sub(1), limit - page.len()).await?);
            Ok(page)
        }
    }
}

async fn below(engine: &Engine, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Message>, StoreError> {
    let Some(log) = state(engine, chat).await? else { return Ok(Vec::new()) };
    let mut next = seq.min(log.head.seq + 1);
    let mut page = Vec::new();
    while next > 0 && page.len() < limit {
        let bucket = (next - 1) / BUCKET;
        let values = (chat.uuid(), bucket, next, (limit - page.len()) as i32);
        for row in engine.rows::<MessageRow>(&BELOW, values).await? {
            page.push(message(chat, row)?);
        }
        next = bucket * BUCKET;
    }
    page.reverse();
    Ok(page)
}

pub(super) async fn above(
    engine: &Engine,
    chat: ChatId,
    seq: i64,
    limit: usize,
) -> Result<Vec<Message>, StoreError> {
    let Some(log) = state(engine, chat).await? else { return Ok(Vec::new()) };
    let mut last = seq.max(-1);
    let mut page = Vec::new();
    while last < log.head.seq && page.len() < limit {
        let bucket = (last + 1) / BUCKET;
        let values = (chat.uuid(), bucket, last, (limit - page.len()) as i32);
        for row in engine.rows::<MessageRow>(&ABOVE, values).await? {
            page.push(message(chat, row)?);
        }
        last = page.last().map_or(last, |message: &Message| message.seq).max((bucket + 1) * BUCKET - 1);
        if page.len() < limit && page.last().is_some_and(|message| message.seq < last) {
            break;
        }
    }
    Ok(page)
}

/// Walks back to the part in which the number is, then forward.
pub(super) async fn changes_after(
    engine: &Engine,
    chat: ChatId,
    cseq: i64,
    limit: usize,
) -> Result<Vec<ChangeRecord>, StoreError> {
    let Some(log) = state(engine, chat).await? else { return Ok(Vec::new()) };
    let mut bucket = log.bucket;
    while bucket > 0 && first_change(engine, chat, bucket).await? > cseq {
        bucket -= 1;
    }
    let mut records = Vec::new();
    while bucket <= log.bucket && records.len() < limit {
        let values = (chat.uuid(), bucket, cseq, (limit - records.len()) as i32);
        for row in engine.rows::<ChangeRow>(&CHANGES, values).await? {
            if let Some(far) = row.far() {
                finish(engine, chat, &far).await?;
            }
            records.push(row.record());
        }
        bucket += 1;
    }
    Ok(records)
}

async fn first_change(engine: &Engine, chat: ChatId, bucket: i64) -> Result<i64, StoreError> {
    let found = engine.row::<(Option<i64>,)>(&FIRST_CHANGE, (chat.uuid(), bucket)).await?;
    Ok(found.and_then(|(first,)| first).unwrap_or(-1))
}

/// Writes what a change makes of a message in an older part, unless a later change was there before. Done by
/// whoever numbers the change, and by whoever reads it: so a change that can be read has happened.
pub(super) async fn finish(engine: &Engine, chat: ChatId, far: &Far) -> Result<(), StoreError> {
    let before = one(engine, chat, far.seq).await?.filter(|message| message.cseq < far.cseq);
    let Some(before) = before else { return Ok(()) };
    let finished = engine.batch(vec![revised::far(chat.uuid(), far, &before)]).await;
    finished.map(drop).map_err(store_error)
}

/// Texts that were put aside for an edit that did not come about are not older than the message, or, where it was changed
/// otherwise since, the same as what took their place.
pub(super) async fn history(
    engine: &Engine,
    chat: ChatId,
    seq: i64,
    limit: usize,
) -> Result<Vec<Edition>, StoreError> {
    let Some(message) = one(engine, chat, seq).await?.filter(|message| !message.deleted) else {
        return Ok(Vec::new());
    };
    let values = (chat.uuid(), seq, message.cseq, limit as i32);
    let rows = engine.rows::<(String, i64)>(&HISTORY, values).await?;
    let mut later = message.text;
    let is_new = |(text, _): &(String, i64)| {
        let is_other = *text != later;
        later.clone_from(text);
        is_other
    };
    let rows = rows.into_iter().filter(is_new);
    Ok(rows.map(|(text, at)| Edition { text, replaced_at: Timestamp::from_micros(at) }).collect())
}
